import type { EventCalls } from '../../../ports/index.js';
import { defined } from '../../convert/plain.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const eventCalls = (master: MasterChannel): EventCalls => ({
  async *read(grid, { after = 0, since = '', tail, follow, of }, signal) {
    const request = { grid, after, since, tail, follow, kind: of?.kind ?? '', name: of?.name ?? '' };
    for await (const event of master.answers(ControlService.events, request, signal)) yield defined(event);
  },
});
