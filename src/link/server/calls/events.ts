import type { EventCalls, EventQuery } from '../../../ports/index.js';
import { defined, orAbsent } from '../../convert/plain.js';
import { gridOf } from '../../convert/words.js';
import type { ControlServer, EventsRequest } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const eventCalls = ({ stream }: Serving<EventCalls>): Pick<ControlServer, 'events'> => ({
  events: stream('read', (read, request, signal) => read(gridOf(request), queryFrom(request), signal)),
});

const queryFrom = ({ after, since, tail, follow, kind, name }: EventsRequest): EventQuery => defined({ after, since: orAbsent(since), tail, follow, of: kind === '' ? undefined : { kind, name } });
