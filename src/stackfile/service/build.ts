import { join } from 'node:path';
import type { Files } from '../files.js';
import { isFetched, mustBeInScope } from '../scope.js';
import { refuse } from '../referred.js';
import type { Mistakes } from '../text/mistakes.js';
import { child, textOf, type MapNode } from '../text/node.js';

/** Whether the builder itself fetches what it builds from. */
export const isRemoteContext = (context: string): boolean => /^(https?:\/\/|git:\/\/|git@|github\.com\/)/.test(context);

/**
 * Sees that a service is built from what its file may refer to: its folder is sent to the builder, and its hooks run here.
 *
 * @param service with all that it extends: its build and its hooks may come from another file
 */
export async function checkBuild(name: string, service: MapNode, files: Files, mistakes: Mistakes): Promise<void> {
  const build = child(service, 'build');
  const context = textOf(child(build, 'context'));
  const path = ['services', name, 'build'];
  if (build !== undefined && context !== undefined && !isRemoteContext(context)) {
    try {
      for (const one of [context, join(context, textOf(child(build, 'dockerfile')) ?? 'Dockerfile')]) await mustBeInScope(one, build.at.file, files);
    } catch (error) {
      refuse(error, { at: build.at, path }, mistakes);
    }
  }
  const hooks = child(child(service, 'hooks'), 'pre_build');
  if (hooks !== undefined && isFetched(hooks.at.file)) mistakes.error(hooks.at, ['services', name, 'hooks', 'pre_build'], `the hooks of ${hooks.at.file.name} do not run on this machine: it came from a stack registry or an address`, { hint: 'write them into a stack file of your own' });
}
