import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { replaceFile } from '../../files/index.js';
import { KontenaError, messageOf } from '../../model/index.js';

const UNITS = '/etc/systemd/system';
const SETTINGS = '/etc/kontena';
/** There only while systemd runs as the init of this machine. */
const RUNNING = '/run/systemd/system';

export interface Unit {
  /** `kontena-master`. */
  readonly name: string;
  readonly description: string;
  /** Path of the program, then its arguments. */
  readonly command: readonly string[];
  /** Units it starts after, e.g. `docker.service`. */
  readonly after: readonly string[];
  /** Kept in a file that only root reads. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** The unit file. Containers outlive the agent: systemd ends the process alone. */
function unitText({ name, description, command, after, secrets }: Unit, node: string): string {
  const lines = [
    '[Unit]', `Description=${description}`, `After=${['network-online.target', ...after].join(' ')}`, 'Wants=network-online.target', '',
    '[Service]', `ExecStart=${[node, ...command].map(quote).join(' ')}`, 'Environment=NODE_ENV=production',
    ...(Object.keys(secrets).length === 0 ? [] : [`EnvironmentFile=-${SETTINGS}/${name}.env`]),
    'Restart=always', 'RestartSec=2', 'KillMode=process', 'TimeoutStopSec=30', '',
    '[Install]', 'WantedBy=multi-user.target', '',
  ];
  return lines.join('\n');
}

/** systemd splits at blanks, and reads `%` and `$`. */
const quote = (word: string): string => (/^[\w@:,./=-]+$/.test(word) ? word : `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`);

/** Writes the unit, enables and starts it. @throws KontenaError KON_SYSTEMD_MISSING where systemd does not run, KON_FILE_UNREADABLE */
export async function installUnit(unit: Unit): Promise<string> {
  if (!existsSync(RUNNING)) throw new KontenaError('KON_SYSTEMD_MISSING', `${unit.name} cannot be installed: systemd does not run this machine`);
  const path = `${UNITS}/${unit.name}.service`;
  try {
    const secrets = Object.entries(unit.secrets);
    if (secrets.length > 0) {
      await mkdir(SETTINGS, { recursive: true });
      await replaceFile(`${SETTINGS}/${unit.name}.env`, secrets.map(([key, value]) => `${key}=${value}\n`).join(''));
    }
    await replaceFile(path, unitText(unit, process.execPath), { mode: 0o644 });
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
  await systemctl('daemon-reload');
  await systemctl('enable', unit.name);
  await systemctl('restart', unit.name);
  return path;
}

async function systemctl(...args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)('systemctl', [...args]);
  } catch (error) {
    throw new KontenaError('KON_PROGRAM_ENDED', `systemctl ${args.join(' ')} failed: ${messageOf(error)}`, { cause: error });
  }
}
