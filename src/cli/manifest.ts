import type { Interfaces } from '@oclif/core';
import manifest from '../../package.json' with { type: 'json' };

/** What oclif has to know of this program: its name, where its commands are, and what the topics of the help say. */
export const MANIFEST: Interfaces.PJSON = {
  name: manifest.name,
  version: manifest.version,
  type: 'module',
  oclif: {
    bin: manifest.name,
    dirname: 'kontena',
    topicSeparator: ' ',
    commands: { strategy: 'explicit', target: './kontenactl.mjs', identifier: 'COMMANDS' },
    topics: {
      agent: { description: 'Run this machine\'s agent, or install it as a service.' },
      context: { description: 'Choose which master and grid to work with.' },
      dev: { description: 'A master and agents on this machine, in the background.' },
      master: { description: 'Run a master, or install it as a service.' },
      node: { description: 'Drain, activate, label and remove nodes.' },
      token: { description: 'Tokens with which agents join a grid.' },
    },
  },
};
