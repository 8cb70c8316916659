import type { Answer, Prompter, Question } from '../../stackfile/index.js';
import type { Host } from '../host.js';

type Choice = Extract<Question, { kind: 'choice' }>['choices'][number];

/** What a text answers: a value, or nothing. Undefined when it is no answer to the question. */
interface Understood {
  readonly answer: Answer | undefined;
}

/** Asks the person at the terminal for values of variables, one question a line; an empty answer takes the default. */
export function prompterFor(host: Host): Prompter {
  return { ask: (question) => askUntilUnderstood(host, question) };
}

async function askUntilUnderstood(host: Host, question: Question): Promise<Answer | undefined> {
  for (;;) {
    if ('choices' in question) host.err.write(question.choices.map(({ label }, index) => `  ${String(index + 1)}) ${label}\n`).join(''));
    const text = (await host.ask(promptOf(question), { isSecret: question.kind === 'text' && question.isSecret })).trim();
    const understood = understand(question, text);
    if (understood !== undefined) return understood.answer;
    host.err.write(`"${text}" is not one of the answers\n`);
  }
}

function promptOf(question: Question): string {
  switch (question.kind) {
    case 'text':
    case 'choice':
      return `> ${question.text} : ${question.default === undefined ? '' : `(${question.default}) `}`;
    case 'many':
      return `> ${question.text} (numbers, separated by commas) : `;
    case 'yes-or-no':
      return `> ${question.text} : ${question.default ? '(Y/n)' : '(y/N)'} `;
  }
}

function understand(question: Question, text: string): Understood | undefined {
  if (text === '' && question.kind !== 'many') return { answer: question.default };
  switch (question.kind) {
    case 'text':
      return { answer: text };
    case 'yes-or-no':
      return yesOrNo(text);
    case 'choice': {
      const answer = chosen(question.choices, text) ?? (question.mayBeOther ? text : undefined);
      return answer === undefined ? undefined : { answer };
    }
    case 'many': {
      const picked = text.split(/[\s,]+/).filter((word) => word !== '').map((word) => chosen(question.choices, word));
      return picked.includes(undefined) ? undefined : { answer: picked.map(String) };
    }
  }
}

function yesOrNo(text: string): Understood | undefined {
  if (/^(y(es)?|true)$/i.test(text)) return { answer: true };
  return /^(no?|false)$/i.test(text) ? { answer: false } : undefined;
}

/** By number, by value or by what is shown. */
const chosen = (choices: readonly Choice[], text: string): Choice['value'] | undefined =>
  (choices[Number(text) - 1] ?? choices.find(({ value, label }) => String(value) === text || label === text))?.value;
