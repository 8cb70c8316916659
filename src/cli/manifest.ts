import type { Interfaces } from '@oclif/core';
import manifest from '../../package.json' with { type: 'json' };

/** What oclif has to know of this program: its name, and what the topics of the help say. */
export const MANIFEST: Interfaces.PJSON = {
  name: manifest.name,
  version: manifest.version,
  type: 'module',
  oclif: {
    bin: manifest.name,
    dirname: 'kontena',
    topicSeparator: ' ',
    topics: {
      agent: { description: 'Run this machine\'s agent, install it as a service, or take its node off the machine.' },
      audit: { description: 'Who did what: read the audit log, check it, take it elsewhere.' },
      auth: { description: 'Who vouches for people: providers of OpenID Connect, directories.' },
      certificate: { description: 'Certificates with their keys, in the vault.' },
      context: { description: 'Choose which master and grid to work with.' },
      credential: { description: 'Who may use this master: make, renew and revoke credentials.' },
      dev: { description: 'A master and agents on this machine, in the background.' },
      dns: { description: 'What names mean inside a grid.' },
      grid: { description: 'Make grids, remove them, and choose the one to work in.' },
      master: { description: 'Run a master, install it as a service, change its certificate authority.' },
      network: { description: 'The tunnels between nodes: how they are, and whether each reaches all others.' },
      node: { description: 'Drain, activate, label, confirm and remove nodes, and change their keys.' },
      service: { description: 'Start, stop and restart services, change one in a hurry, run an image as one.' },
      stack: { description: 'Stack files: check, install, upgrade; and the stacks there are: start, stop, restart.' },
      'stack:registry': { description: 'Stacks by name and version: in a directory, a git repository or an OCI registry.' },
      token: { description: 'Tokens with which machines join a grid, and programs use the master.' },
      user: { description: 'People who sign in: list, add, disable them, change passwords.' },
      vault: { description: 'Secrets: kept sealed, opened to the services that name them.' },
      volume: { description: 'Volumes: declared once, made on the nodes where they are mounted.' },
    },
  },
};

/** The same with all commands, for the help: read from the list beside the bundle, or else from the bundle itself. */
export const MANIFEST_WITH_COMMANDS: Interfaces.PJSON = {
  ...MANIFEST,
  oclif: { ...MANIFEST.oclif, commands: { strategy: 'explicit', target: './kontenactl.cjs', identifier: 'COMMANDS' } },
};
