import { KontenaError, type Millis, type RegistryLogin } from '../model/index.js';
import type { Engine } from './engine.js';
import { sentenceOf } from './engine-errors.js';
import { jsonLines } from './streams.js';

/** A registry that says nothing for so long is taken to be out of reach: without name resolution the engine alone would wait for minutes. */
const SILENCE_MS: Millis = 60_000;

/** One line of the engine's progress. */
interface Progress {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
}

/** Fetches an image, and gives up on a registry that falls silent. @throws KON_IMAGE_UNAVAILABLE */
export async function pullImage(engine: Engine, { image, login }: { readonly image: string; readonly login?: RegistryLogin }, onProgress: (text: string) => void, signal: AbortSignal): Promise<void> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const stopped = AbortSignal.any([silence.signal, signal]);
    const stream: NodeJS.ReadableStream = await engine.stream(`cannot pull ${image}`, (client) => client.pull(image, { abortSignal: stopped, ...authOf(login) }));
    const layers = new Layers(image);
    for await (const document of jsonLines(stream)) {
      const line = document as Progress;
      timer.refresh();
      if (line.error !== undefined) throw new KontenaError('KON_IMAGE_UNAVAILABLE', `cannot pull ${image}: ${sentenceOf(line.error)}`);
      const text = layers.take(line);
      if (text !== undefined) onProgress(text);
    }
  } catch (error) {
    throw failure(error, image, silence.signal.aborted);
  } finally {
    clearTimeout(timer);
  }
}

const authOf = (login: RegistryLogin | undefined) => (login === undefined ? {} : { authconfig: { username: login.user, password: login.password } });

function failure(error: unknown, image: string, fellSilent: boolean): unknown {
  if (fellSilent) return new KontenaError('KON_IMAGE_UNAVAILABLE', `cannot pull ${image}: the registry said nothing for ${SILENCE_MS / 1000} s`, { cause: error });
  // Of a pull, every refusal is about the image: the engine passes on what the registry said.
  if (error instanceof KontenaError && error.code === 'KON_ENGINE_REFUSED') return new KontenaError('KON_IMAGE_UNAVAILABLE', error.message, { cause: error });
  return error;
}

/** Sums up what is fetched of each layer, and speaks when the sum has moved by a twentieth. */
class Layers {
  readonly #image: string;
  readonly #layers = new Map<string, { readonly current: number; readonly total: number }>();
  #said = '';

  constructor(image: string) {
    this.#image = image;
  }

  /** What to say now; undefined when that has been said. */
  take({ id, status, progressDetail: { current, total } = {} }: Progress): string | undefined {
    if (id !== undefined && status === 'Downloading' && current !== undefined && total !== undefined) this.#layers.set(id, { current, total });
    const text = this.#text();
    if (text === this.#said) return undefined;
    this.#said = text;
    return text;
  }

  #text(): string {
    let current = 0;
    let total = 0;
    for (const layer of this.#layers.values()) {
      current += layer.current;
      total += layer.total;
    }
    if (total === 0) return `pulling ${this.#image}`;
    return `pulling ${this.#image}: ${Math.floor((current / total) * 20) * 5} % of ${(total / 1e6).toFixed(0)} MB`;
  }
}
