import { scalarText } from '../text/scalar.js';

/** Deeper brackets than anybody writes. */
const DEEPEST = 50;

/**
 * The value of `0-9 + - * / . ( )`. Whole numbers divide to a whole number, rounded down; a point anywhere makes it a fraction,
 * and a fraction that is 2.0 is the text `2.0`.
 * @throws RangeError when it is not such an expression
 */
export function evaluate(expression: string): number | string {
  const tokens = expression.match(/\d+(?:\.\d+)?|\.\d+|[-+*/()]|\S/g) ?? [];
  const parser = new Parser(tokens, expression);
  const { value, isWhole } = parser.sum(0);
  parser.end();
  if (!Number.isFinite(value)) throw new RangeError(`"${expression}" has no value`);
  return isWhole || !Number.isInteger(value) ? value : scalarText(value, true);
}

interface Amount {
  readonly value: number;
  readonly isWhole: boolean;
}

class Parser {
  #at = 0;

  constructor(private readonly tokens: readonly string[], private readonly expression: string) {}

  sum(depth: number): Amount {
    let left = this.product(depth);
    for (let sign = this.take('+', '-'); sign !== undefined; sign = this.take('+', '-')) {
      const right = this.product(depth);
      left = { value: sign === '+' ? left.value + right.value : left.value - right.value, isWhole: left.isWhole && right.isWhole };
    }
    return left;
  }

  end(): void {
    if (this.#at < this.tokens.length) throw this.wrong();
  }

  private product(depth: number): Amount {
    let left = this.factor(depth);
    for (let sign = this.take('*', '/'); sign !== undefined; sign = this.take('*', '/')) {
      const right = this.factor(depth);
      const isWhole = left.isWhole && right.isWhole;
      const value = sign === '*' ? left.value * right.value : isWhole ? Math.floor(left.value / right.value) : left.value / right.value;
      left = { value, isWhole };
    }
    return left;
  }

  private factor(depth: number): Amount {
    if (depth > DEEPEST) throw this.wrong();
    const sign = this.take('-', '+');
    if (sign !== undefined) {
      const { value, isWhole } = this.factor(depth + 1);
      return { value: sign === '-' ? -value : value, isWhole };
    }
    if (this.take('(') !== undefined) {
      const inner = this.sum(depth + 1);
      if (this.take(')') === undefined) throw this.wrong();
      return inner;
    }
    const token = this.tokens[this.#at] ?? '';
    if (!/^[\d.]*\d$/.test(token)) throw this.wrong();
    this.#at += 1;
    return { value: Number(token), isWhole: !token.includes('.') };
  }

  private take(...wanted: readonly string[]): string | undefined {
    const token = this.tokens[this.#at];
    if (token === undefined || !wanted.includes(token)) return undefined;
    this.#at += 1;
    return token;
  }

  private wrong(): RangeError {
    return new RangeError(`"${this.expression}" is not a sum of numbers: it may hold 0-9 + - * / . ( )`);
  }
}
