import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Demultiplexer, type Written } from './lines.js';

const frame = (stream: 1 | 2, text: Buffer | string): Buffer => {
  const body = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
};

const read = (chunks: readonly Buffer[]): readonly Written[] => {
  const demultiplexer = new Demultiplexer();
  return [...chunks.flatMap((chunk) => demultiplexer.take(chunk)), ...demultiplexer.end()];
};

describe('frames become lines', () => {
  test('each of its own stream', () => {
    expect(read([Buffer.concat([frame(1, 'out\n'), frame(2, 'err\r\n')])])).toEqual([{ stream: 'stdout', line: 'out' }, { stream: 'stderr', line: 'err' }]);
  });

  test('of which one may take several frames, with others between', () => {
    expect(read([frame(1, 'be'), frame(2, 'x\n'), frame(1, 'gun\nrest')])).toEqual([{ stream: 'stderr', line: 'x' }, { stream: 'stdout', line: 'begun' }, { stream: 'stdout', line: 'rest' }]);
  });

  test('even where a letter is cut between frames', () => {
    const letter = Buffer.from('ä\n');
    expect(read([frame(1, letter.subarray(0, 1)), frame(1, letter.subarray(1))])).toEqual([{ stream: 'stdout', line: 'ä' }]);
  });

  test('however the chunks fall', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(1 as const, 2 as const), fc.string({ unit: fc.constantFrom('a', 'ö', '漢') }))), fc.integer({ min: 1, max: 20 }), (texts, size) => {
        const whole = Buffer.concat(texts.map(([stream, text]) => frame(stream, `${text}\n`)));
        const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, i) => whole.subarray(i * size, (i + 1) * size));
        expect(read(chunks)).toEqual(texts.map(([stream, line]) => ({ stream: stream === 1 ? 'stdout' : 'stderr', line })));
      }),
    );
  });

  test('and one without an end does not fill the memory', () => {
    const lines = read(Array.from({ length: 3 }, () => frame(1, 'x'.repeat(600_000))));
    expect(lines.map(({ line }) => line.length)).toEqual([1_200_000, 600_000]);
  });
});
