import type * as Prompts from '@inquirer/prompts';
import pico from 'picocolors';
import type { Answer, Question } from '../stackfile/index.js';
import { Interrupted } from './exit.js';

type Choices = Extract<Question, { kind: 'choice' }>['choices'];

/** Stands for what is typed, where something else than the choices may be. */
const OTHER = Symbol('other');

/** Asks the person at the terminal, on stderr: stdout is for the answer of the command. @throws Interrupted when it is left with Ctrl-C */
export async function askPerson(question: Question): Promise<Answer | undefined> {
  const prompts = await import('@inquirer/prompts');
  const mark = pico.green('>');
  const asked = { message: question.text, theme: { prefix: { idle: mark, done: mark } } };
  const context = { output: process.stderr };
  try {
    switch (question.kind) {
      case 'text':
        return await askText(question, { ...asked, prompts, context });
      case 'yes-or-no':
        return await prompts.confirm({ ...asked, default: question.default }, context);
      case 'many':
        return (await prompts.checkbox({ ...asked, choices: shown(question.choices) }, context)).map(String);
      case 'choice': {
        const other = question.mayBeOther ? [{ value: OTHER, name: '(Other)' } as const] : [];
        const chosen = await prompts.select<Choices[number]['value'] | typeof OTHER>({ ...asked, choices: [...shown(question.choices), ...other], ...given(preselected(question)) }, context);
        return chosen === OTHER ? await prompts.input(asked, context) : chosen;
      }
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') throw new Interrupted();
    throw error;
  }
}

interface Asked {
  readonly message: string;
  readonly theme: { readonly prefix: { readonly idle: string; readonly done: string } };
  readonly prompts: Pick<typeof Prompts, 'input' | 'password'>;
  readonly context: { readonly output: NodeJS.WriteStream };
}

/** Asks again where an answer will not do. Nothing is the default. */
async function askText({ isSecret, wrong, default: fallback }: Extract<Question, { kind: 'text' }>, { prompts, context, ...asked }: Asked): Promise<string | undefined> {
  const validate = (answer: string): string | true => {
    const what = wrong(answer);
    return what === undefined ? true : `It ${what}.`;
  };
  const text = isSecret ? await prompts.password({ ...asked, validate, mask: false }, context) : await prompts.input({ ...asked, validate, ...given(fallback) }, context);
  return text === '' ? fallback : text;
}

const shown = (choices: Choices): { readonly value: Choices[number]['value']; readonly name: string }[] => choices.map(({ value, label }) => ({ value, name: label }));

/** The default as a value of the choices: the file may write a number as a text. */
const preselected = ({ choices, default: wanted }: Extract<Question, { kind: 'choice' }>): Choices[number]['value'] | undefined =>
  choices.find(({ value }) => String(value) === wanted)?.value;

const given = <T>(value: T | undefined): { readonly default?: T } => (value === undefined ? {} : { default: value });
