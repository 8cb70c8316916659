import { expect, test } from '@jest/globals';
import { openAuthorities } from './index.js';

const issue = openAuthorities({ certifyServer: (names, key) => Promise.resolve(`${key} of ${names.join(', ')}`) });

test('the master\'s own authority issues what is finished, and asks for no proof', async () => {
  const authority = await issue({ directory: 'master:', key: '' });
  const order = await authority.place(['registry.g.kontena.local']);
  expect(await authority.look(order, 'http-01')).toEqual({ status: 'ready', proofs: [] });
  await authority.finish(order, { names: ['registry.g.kontena.local'], privateKey: 'key 1' });
  expect(await authority.look(order, 'http-01')).toEqual({ status: 'valid', proofs: [] });
  expect(await authority.fetch(order)).toBe('key 1 of registry.g.kontena.local');
  // Of the next order, also after a loss of all that was in memory, nothing is known.
  expect(await authority.look(order, 'http-01')).toMatchObject({ status: 'ready' });
});

test('all other directories are asked over the network', async () => {
  await expect(issue({ directory: 'https://127.0.0.1:1/dir', key: 'no key' })).rejects.toMatchObject({ message: expect.any(String) });
});
