import { isoTime, sessionsOf } from '../../model/index.js';
import { namesOf, resource, type Shape } from './resource.js';

const userOf = (session: string): readonly string[] => [session.slice(0, session.lastIndexOf('/'))];

/** People, without what they prove it by. */
export const users: Shape = {
  names: (view) => namesOf(view, 'User'),
  describe: (view, name) => {
    const entry = view.get('User', name);
    if (entry === undefined) return undefined;
    const { provider, isDisabled } = entry.body;
    return resource('User', view.grid, entry, { spec: { provider }, status: { phase: isDisabled ? 'disabled' : 'active', sessions: view.list('Session', sessionsOf(name)).length } });
  },
  watches: { User: (name) => [name], Session: userOf },
};

/** Where people are signed in. */
export const sessions: Shape = {
  names: (view) => namesOf(view, 'Session'),
  describe: (view, name) => {
    const entry = view.get('Session', name);
    if (entry === undefined) return undefined;
    const { keyFingerprint, endsAt, from, groups } = entry.body;
    return resource('Session', view.grid, entry, { spec: { user: userOf(name)[0], from, endsAt: isoTime(endsAt), fingerprint: keyFingerprint }, status: { groups } });
  },
  watches: { Session: (name) => [name] },
};

/** Who vouches for people, without what the master proves itself by there. */
export const providers: Shape = {
  names: (view) => namesOf(view, 'Provider'),
  describe: (view, name) => {
    const entry = view.get('Provider', name);
    if (entry === undefined) return undefined;
    const { kind: _kind, ...spec } = entry.body;
    return resource('Provider', view.grid, entry, { spec: { ...spec, address: entry.body.kind === 'oidc' ? entry.body.issuer : entry.body.url }, status: {} });
  },
  watches: { Provider: (name) => [name] },
};
