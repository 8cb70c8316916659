import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addressText, contains, countParts, firstHost, hasAddress, lowestFreePart, nthAddress, overlaps, parseAddress, parseSubnet, requireSubnet, sizeOf, type Subnet, subnetText } from './index.js';

const subnet = (text: string): Subnet => requireSubnet(text);
const anySubnet = fc.tuple(fc.nat(2 ** 32 - 1), fc.integer({ min: 0, max: 32 })).map(([at, prefix]): Subnet => ({ first: at - (at % sizeOf({ prefix })), prefix }));
/** Small enough to be looked at address by address. */
const nearSubnet = fc.tuple(fc.nat(255), fc.integer({ min: 24, max: 32 })).map(([at, prefix]): Subnet => ({ first: at - (at % sizeOf({ prefix })), prefix }));

function refusalOf(text: string): unknown {
  try {
    return requireSubnet(text);
  } catch (error) {
    return error;
  }
}

const addressesOf = (of: Subnet): readonly number[] => Array.from({ length: sizeOf(of) }, (_, n) => of.first + n);

describe('subnets', () => {
  test.each([
    ['', 'is not an IPv4 address'], ['10.81.0.0.0/16', 'is not an IPv4 address'], ['10.256.0.0/16', '"10.256.0.0" is not an IPv4 address'], ['010.1.0.0/16', 'is not an IPv4 address'],
    ['fd00::/8', 'is not an IPv4 address'], ['10.81.0.0/33', 'the number after its slash is 0 to 32, as in 10.81.0.0/16'], ['10.81.0.0/', 'after its slash'], ['10.81.0.0/16/2', 'after its slash'],
    ['10.81.0.0/-1', 'after its slash'], ['10.81.0.5/16', 'it begins at 10.81.0.0/16'], ['10.81.4.0/21', 'it begins at 10.81.0.0/21'],
  ])('%s is refused: %s', (text, why) => {
    expect(parseSubnet(text)).toBeUndefined();
    expect(() => requireSubnet(text)).toThrow(why);
  });

  test('a refusal says what it is about', () => expect(refusalOf('10.81.0.5/16')).toMatchObject({ code: 'KON_INVALID', message: '"10.81.0.5/16" is not a subnet: it begins at 10.81.0.0/16' }));

  test('an address alone is a subnet of one', () => expect(subnetText(subnet('10.1.2.3'))).toBe('10.1.2.3/32'));

  test('written and read again it is the same', () => {
    fc.assert(fc.property(anySubnet, (one) => expect(parseSubnet(subnetText(one))).toEqual(one)));
    fc.assert(fc.property(fc.nat(2 ** 32 - 1), (address) => expect(parseAddress(addressText(address))).toBe(address)));
  });

  test('what it contains and overlaps are its addresses', () => {
    fc.assert(fc.property(nearSubnet, nearSubnet, (a, b) => {
      const shared = addressesOf(b).filter((address) => hasAddress(a, address));
      expect(overlaps(a, b)).toBe(shared.length > 0);
      expect(contains(a, b)).toBe(shared.length === sizeOf(b));
      expect(addressesOf(a)).toEqual(expect.arrayContaining(shared));
    }));
  });

  test('addresses are counted from the first', () => {
    expect([firstHost(subnet('10.81.3.0/24')), nthAddress(subnet('10.81.0.0/16'), 259), nthAddress(subnet('255.255.255.0/24'), 255)]).toEqual(['10.81.3.1', '10.81.1.3', '255.255.255.255']);
    expect(() => nthAddress(subnet('10.81.3.0/24'), 256)).toThrow(RangeError);
  });

  test('it has parts of its own size and of smaller ones', () => {
    expect([countParts(subnet('10.81.0.0/16'), 24), countParts(subnet('10.81.0.0/16'), 16), countParts(subnet('10.81.0.0/16'), 8)]).toEqual([256, 1, 0]);
    expect(lowestFreePart(subnet('10.81.0.0/16'), 8, [])).toBeUndefined();
  });

  test('the lowest free part is the first that nothing taken overlaps', () => {
    fc.assert(fc.property(nearSubnet, fc.integer({ min: 24, max: 32 }), fc.array(nearSubnet, { maxLength: 12 }), (whole, prefix, taken) => {
      const parts = Array.from({ length: countParts(whole, prefix) }, (_, n): Subnet => ({ first: whole.first + n * sizeOf({ prefix }), prefix }));
      expect(lowestFreePart(whole, prefix, taken)).toEqual(parts.find((part) => !taken.some((other) => overlaps(part, other))));
    }), { numRuns: 500 });
  });
});
