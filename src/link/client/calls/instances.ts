import type { InstanceCalls } from '../../../ports/index.js';
import { linesFrom, searchTo } from '../../convert/logs.js';
import { pathInfoFrom, programCallTo } from '../../convert/program.js';
import { usageFrom } from '../../convert/statistics.js';
import { FORWARDED, SPOKEN_WITH, UNPACKED } from '../../convert/talk.js';
import { oneOf } from '../../convert/words.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';
import { faredFrom } from './statistics.js';

export const instanceCalls = (master: MasterChannel): InstanceCalls => ({
  logs: (grid, name, search, signal) => linesFrom(master.answers(ControlService.logs, { grid, name, search: searchTo(search) }, signal)),
  forward: (grid, { name, port }, signal) => master.both(ControlService.forward, FORWARDED, { message: { $case: 'open', value: { grid, name, port } } }, signal),
  exec: (grid, { name, call }, signal) => master.both(ControlService.exec, SPOKEN_WITH, { message: { $case: 'open', value: { grid, name, call: programCallTo(call) } } }, signal),
  attach: (grid, name, signal) => master.both(ControlService.attach, SPOKEN_WITH, { message: { $case: 'open', value: { grid, name, call: undefined } } }, signal),
  look: async (grid, { name, path }) => pathInfoFrom(await master.ask(ControlService.look, { grid, name, path })),
  async *pack(grid, { name, path }, signal) {
    for await (const { bytes } of master.answers(ControlService.pack, { grid, name, path }, signal)) yield bytes;
  },
  unpack: (grid, { name, path }, signal) => master.both(ControlService.unpack, UNPACKED, { message: { $case: 'open', value: { grid, name, path } } }, signal),
  async *statistics(grid, { name = '', since = '' }, signal) {
    for await (const { name: instance, node, usage, fared } of master.answers(ControlService.readInstanceStatistics, { grid, name, since }, signal)) {
      yield { name: instance, node, ...(usage === undefined ? {} : { usage: usageFrom(usage) }), ...faredFrom(fared) };
    }
  },
  checks: async (grid, instance) => {
    const { answers } = await master.ask(ControlService.checks, { grid, instance });
    return { answers: answers.map((answer) => ({ ...answer, of: oneOf('of', ['port', 'health'], answer.of) })) };
  },
});
