import type { ByteStream } from '../ports/index.js';

/** Carries bytes both ways until both have ended or either breaks. @throws what broke it */
export async function joinBytes(one: ByteStream, other: ByteStream): Promise<void> {
  try {
    await Promise.all([carry(one, other), carry(other, one)]);
  } finally {
    one.close();
    other.close();
  }
}

async function carry(from: ByteStream, to: ByteStream): Promise<void> {
  for await (const bytes of from.received()) if (!(await to.send(bytes))) return;
  to.end();
}
