import { pack } from 'tar-stream';
import { type VaultUse, vaultUses, versionName } from '../model/index.js';
import type { CreateContainer } from '../ports/index.js';

/** Where files from the vault lie in a container: the path that Docker Swarm made known. */
export const SECRETS_PATH = '/run/secrets';

/** Anyone in the container may read them, whatever user it runs as; nobody may change them. */
const FILE_MODE = 0o444;

type Opening = Pick<CreateContainer, 'spec' | 'secrets'>;

/** Values for the environment by the names they bear there; those of one name are joined by a line break, in the order declared. */
export const secretEnvironment = (opening: Opening): ReadonlyMap<string, string> => valuesOf('env', opening);

/** A tar of the files that a container holds below {@link SECRETS_PATH}; undefined when there are none. */
export async function secretFiles(opening: Opening): Promise<Buffer | undefined> {
  const files = valuesOf('file', opening);
  if (files.size === 0) return undefined;
  const tar = pack();
  for (const [name, value] of files) tar.entry({ name, mode: FILE_MODE }, value);
  tar.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of tar) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** Whether a spec wants files from the vault. */
export const hasSecretFiles = ({ spec }: Pick<Opening, 'spec'>): boolean => vaultUses(spec).some(({ type }) => type === 'file');

function valuesOf(type: VaultUse['type'], { spec, secrets }: Opening): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const use of vaultUses(spec)) {
    const value = use.type === type && use.version !== undefined ? secrets[versionName(use, use.version)] : undefined;
    if (value === undefined) continue;
    const before = values.get(use.as);
    values.set(use.as, before === undefined ? value : `${before}\n${value}`);
  }
  return values;
}
