import { join, resolve } from 'node:path';
import { run, type Ended, type RunOptions } from './shell.js';

/** As the build left it; tests and benches are started from the root of the project. */
export const KONTENACTL = resolve('bin/kontenactl.js');

/** What a command sees of the world: a home of its own, and none of what the test runner set for itself. */
export function environment(home: string): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, NODE_EXTRA_CA_CERTS: _certificates, JEST_WORKER_ID: _worker, NODE_ENV: _mode, DOCKER_HOST: _docker, XDG_CONFIG_HOME: _config, ...rest } = process.env;
  return { ...rest, HOME: home, NO_COLOR: '1', KONTENA_CONFIG: join(home, 'config.yaml') };
}

/** Runs kontenactl to its end, as someone at home in that folder. */
export function kontenactl(home: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return run(process.execPath, [KONTENACTL, ...args], { env: environment(home), timeoutMs: 120_000, ...options });
}
