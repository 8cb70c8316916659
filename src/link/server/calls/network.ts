import type { NetworkCalls } from '../../../ports/index.js';
import { lookUpTo } from '../../convert/network.js';
import { defined, orAbsent, plain } from '../../convert/plain.js';
import { gridOf } from '../../convert/words.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';
import { never } from './never.js';

export const networkCalls = ({ ask, stream }: Serving<NetworkCalls>): Pick<ControlServer, 'network' | 'lookUp'> => ({
  network: stream('status', async function* (status, request, signal) {
    const { node, isProbed } = request;
    for await (const item of status(gridOf(request), { isProbed, ...defined({ node: orAbsent(node) }) }, signal)) yield { item: plain(item) };
  }),
  lookUp: ask('lookUp', async (lookUp, request) => lookUpTo(await lookUp(gridOf(request), defined({ name: request.name, node: orAbsent(request.node) }), never))),
});
