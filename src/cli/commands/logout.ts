import { KontenaError } from '../../model/index.js';
import { KontenaCommand } from '../command.js';
import { removeContext } from '../context/index.js';

export default class Logout extends KontenaCommand {
  static override summary = 'End the session of this context, here and at the master, and forget the context.';
  static override examples = ['<%= config.bin %> logout'];

  override async run(): Promise<number> {
    await this.parse(Logout);
    const { name, file, credential } = await this.chosen();
    const { control } = await this.master();
    try {
      await control.sessions.end();
    } catch (error) {
      if (!(error instanceof KontenaError) || error.code !== 'KON_UNAUTHENTICATED') throw error; // it has ended already
    }
    if (file === undefined && !('token' in credential)) await removeContext(this.host, name);
    this.print(`signed out of ${credential.server}`);
    return 0;
  }
}
