import type { NodeCalls, NodeChange } from '../../../ports/index.js';
import { linesTo, searchFrom } from '../../convert/logs.js';
import { gridOf, oneOf } from '../../convert/words.js';
import type { ControlServer, SetNodeRequest } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';
import { never } from './never.js';
import { statisticsOfNodeTo, statisticsQueryFrom } from './statistics.js';

export const nodeCalls = ({ ask, stream }: Serving<NodeCalls>): Pick<ControlServer, 'setNode' | 'rotateKeys' | 'nodeLogs' | 'readNodeStatistics'> => ({
  setNode: ask('update', (update, request) => update(gridOf(request), request.node, nodeChangeFrom(request))),
  readNodeStatistics: stream('statistics', (statistics, request, signal) => statisticsOfNodeTo(statistics(gridOf(request), statisticsQueryFrom(request), signal))),
  nodeLogs: stream('logs', (logs, request, signal) => linesTo(logs(gridOf(request), request.node, searchFrom(request.search), signal))),
  rotateKeys: ask('rotateKeys', (rotateKeys, request) => rotateKeys(gridOf(request), request.node, never)),
});

function nodeChangeFrom({ availability, labels, isConfirmed }: SetNodeRequest): NodeChange {
  return {
    ...(availability === undefined ? {} : { availability: oneOf('availability', ['active', 'drain'], availability) }),
    ...(labels === undefined ? {} : { labels: labels.labels }),
    ...(isConfirmed ? { isConfirmed } : {}),
  };
}
