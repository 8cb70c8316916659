import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Puts a text in the place of a file, which only its owner may read: after a crash it holds the old text or the new, never half of either. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.new`;
  const handle = await open(fresh, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
  const directory = await open(dirname(file), 'r'); // a rename is durable when its directory is
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
