import type { InstanceCalls } from '../../../ports/index.js';
import { attend } from '../../carry.js';
import { linesTo, searchFrom } from '../../convert/logs.js';
import { bytePieces } from '../../convert/pieces.js';
import { pathInfoTo, programCallFrom } from '../../convert/program.js';
import { FORWARDED, SPOKEN_WITH, UNPACKED } from '../../convert/talk.js';
import { gridOf } from '../../convert/words.js';
import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';
import { never } from './never.js';
import { instanceStatisticsTo, statisticsQueryFrom } from './statistics.js';

export const instanceCalls = ({ ask, stream, carry }: Serving<InstanceCalls>): Pick<ControlServer, 'logs' | 'forward' | 'exec' | 'attach' | 'look' | 'pack' | 'unpack' | 'checks' | 'readInstanceStatistics'> => ({
  logs: stream('logs', (logs, request, signal) => linesTo(logs(gridOf(request), request.name, searchFrom(request.search), signal))),
  forward: carry('forward', FORWARDED, (forward, open, signal) => forward(gridOf(open), { name: open.name, port: open.port }, signal)),
  exec: carry('exec', SPOKEN_WITH, (exec, open, signal) => exec(gridOf(open), { name: open.name, call: programCallFrom(open.call) }, signal), attend),
  attach: carry('attach', SPOKEN_WITH, (attach, open, signal) => attach(gridOf(open), open.name, signal), attend),
  look: ask('look', async (look, request) => pathInfoTo(await look(gridOf(request), { name: request.name, path: request.path }, never))),
  pack: stream('pack', (pack, request, signal) => bytePieces(pack(gridOf(request), { name: request.name, path: request.path }, signal))),
  unpack: carry('unpack', UNPACKED, (unpack, open, signal) => unpack(gridOf(open), { name: open.name, path: open.path }, signal)),
  readInstanceStatistics: stream('statistics', (statistics, request, signal) => instanceStatisticsTo(statistics(gridOf(request), statisticsQueryFrom(request), signal))),
  checks: ask('checks', async (checks, request) => ({ answers: [...(await checks(gridOf(request), request.instance, never)).answers] })),
});
