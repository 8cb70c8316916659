import type { Connection } from './host.js';

/** People, their sessions and providers at a master that only notes what it was asked, without what is secret. */
export const fakePeople = (noted: string[]): Pick<Connection, 'providers' | 'users' | 'sessions'> => {
  const recorded = (...asked: readonly string[]): Promise<{ readonly revision: number }> => {
    noted.push(asked.join(' '));
    return Promise.resolve({ revision: 44 });
  };
  return {
    providers: {
      set: ({ settings, secret }) => recorded('setProvider', JSON.stringify(settings), secret ?? ''),
      test: async (kind) => {
        await recorded('testProvider', kind);
      },
    },
    users: {
      add: ({ name, password }) => recorded('addUser', name, String(password.length)),
      setPassword: ({ name, password }) => recorded('setPassword', name, String(password.length)),
      changeOwnPassword: ({ before, password }) => recorded('changeOwnPassword', String(before.length), String(password.length)),
      disable: ({ name, isDisabled }) => recorded(isDisabled ? 'disable' : 'enable', name),
    },
    sessions: {
      who: () => Promise.resolve({ name: 'ada', as: 'user', provider: 'password', endsAt: 1_800_000_000_000 as never, groups: ['devs'], roles: [{ role: 'viewer', grid: 'shop' }, { role: 'user-admin' }], isUnbounded: false }),
      end: async () => {
        await recorded('endSession');
      },
    },
  };
};
