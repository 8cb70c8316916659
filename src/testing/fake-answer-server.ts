import type { MakeAnswerServer } from '../ports/index.js';

/** A server of answers that nobody asks over a wire: a test looks. */
export class FakeAnswerServers {
  answers: Readonly<Record<string, string>> = {};
  /** Tells of a problem, as the real one would. */
  tell: Parameters<MakeAnswerServer>[0]['onProblem'] = () => undefined;

  readonly make: MakeAnswerServer = ({ onProblem }) => {
    this.tell = onProblem;
    return {
      serve: (answers) => void (this.answers = answers),
      stop: () => {
        this.answers = {};
        return Promise.resolve();
      },
    };
  };
}
