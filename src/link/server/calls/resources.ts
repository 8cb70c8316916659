import type { ResourceCalls } from '../../../ports/index.js';
import { historyItemTo, listQueryFrom, resourceKind, resourceTo } from '../../convert/resources.js';
import { gridOf } from '../../convert/words.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const resourceCalls = ({ ask, stream }: Serving<ResourceCalls>): Pick<ControlServer, 'list' | 'watch' | 'history' | 'remove'> => ({
  list: stream('list', async function* (list, request) {
    for await (const resource of list(listQueryFrom(request))) yield resourceTo(resource);
  }),
  watch: stream('watch', async function* (watch, request, signal) {
    for await (const { resource, isGone } of watch(listQueryFrom(request), signal)) yield { resource: resourceTo(resource), isGone };
  }),
  history: stream('history', async function* (history, request) {
    for await (const item of history(gridOf(request), resourceKind(request.kind), request.name)) yield historyItemTo(item);
  }),
  remove: ask('remove', (remove, request) => remove(gridOf(request), resourceKind(request.kind), request.name)),
});
