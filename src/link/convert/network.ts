import type { LookUpAnswer } from '../../ports/index.js';
import type * as wire from '../gen/kontena/v1/control.js';
import { oneOf } from './words.js';

const LOOKUP_KINDS = ['records', 'none', 'unknown', 'elsewhere'] as const;

export const lookUpTo = ({ askedNode, name, kind, because, addresses, instances }: LookUpAnswer): wire.LookUpResponse => ({
  node: askedNode, name, kind, because, addresses: [...addresses], instances: instances.map(({ whyNot = '', ...rest }) => ({ ...rest, whyNot })),
});

export const lookUpFrom = ({ node, name, kind, because, addresses, instances }: wire.LookUpResponse): LookUpAnswer => ({
  askedNode: node, name, kind: oneOf('kind', LOOKUP_KINDS, kind), because, addresses,
  instances: instances.map(({ whyNot, ...rest }) => ({ ...rest, ...(whyNot === '' ? {} : { whyNot }) })),
});
