// An ABNF text as a language. apg-js parses the text; what it parsed is then evaluated exactly: a rule's value at a position is the set of
// all positions where a match of it can end, so that no order of alternatives and no greed decides, as ABNF means it.
// octets is a Uint8Array; positions count octets.

const kind = { ALT: 1, CAT: 2, REP: 3, RNM: 4, TRG: 5, TBS: 6, TLS: 7, AND: 12, NOT: 13, AEN: 18 };
const none = Object.freeze([]);
const one = []; // one[p] is the set of p alone

// The grammar object that apg-js makes of text, or an Error that names its complaints.
export function parseAbnf(apg, text) {
  const api = new apg.apgApi(text);
  api.generate();
  if (api.errors.length) throw new Error(api.errorsToAscii());
  return api.toObject();
}

export class Language {
  #rules; // by lower-case name
  #text = new Uint8Array(0);
  #run = 0; // counts the texts: what a rule remembers is of one text

  constructor(grammar) {
    this.grammar = grammar;
    this.#rules = grammar.rules.map((rule) => ({ name: rule.name, opcodes: rule.opcodes, run: -1, ends: [], match: null, octets: undefined, first: { octets: new Uint8Array(256), empty: false } }));
    this.index = new Map(grammar.rules.map((rule, at) => [rule.lower, at]));
    this.#computeFirst();
    for (const rule of this.#rules) rule.match = this.#compile(rule, 0);
  }

  // Whether text, the whole of it, is a sentence of rule.
  accepts(name, text) {
    const at = this.index.get(name.toLowerCase());
    if (at === undefined) throw new Error(`no rule ${name}`);
    this.#text = text;
    this.#run += 1;
    while (one.length <= text.length) one.push(Object.freeze([one.length]));
    return this.#apply(this.#rules[at], 0).includes(text.length);
  }

  // Whether a sentence of rule may begin with octet; undefined stands for the empty text.
  canBegin(name, octet) {
    const { octets, empty } = this.#rules[this.index.get(name.toLowerCase())].first;
    return empty || (octet !== undefined && octets[octet] === 1);
  }

  #apply(rule, p) {
    if (rule.run !== this.#run) {
      rule.run = this.#run;
      rule.ends = [];
    }
    return (rule.ends[p] ??= rule.match(p));
  }

  // The octets that the opcode matches, if each of its matches is one octet; null else.
  #octetsOf(rule, i) {
    const op = rule.opcodes[i];
    const set = new Uint8Array(256);
    if (op.type === kind.TRG && op.max < 256) return set.fill(1, op.min, op.max + 1);
    if ((op.type === kind.TBS || op.type === kind.TLS) && op.string.length === 1) {
      set[op.string[0]] = 1;
      if (op.type === kind.TLS) set[String.fromCharCode(op.string[0]).toUpperCase().charCodeAt(0)] = 1;
      return set;
    }
    if (op.type === kind.RNM) {
      const target = this.#rules[op.index];
      if (target.octets === undefined) {
        target.octets = null; // while it is looked at, and if it is recursive
        target.octets = this.#octetsOf(target, 0);
      }
      return target.octets;
    }
    if (op.type !== kind.ALT) return null;
    for (const child of op.children) {
      const part = this.#octetsOf(rule, child);
      if (!part) return null;
      part.forEach((member, octet) => (set[octet] |= member));
    }
    return set;
  }

  // With which octets a match can begin, and whether it can be empty. Only speed depends on it: most that is tried fails on its first octet.
  #firstOf(rule, i) {
    const op = rule.opcodes[i];
    const first = { octets: new Uint8Array(256), empty: false };
    const add = ({ octets }) => octets.forEach((member, octet) => (first.octets[octet] |= member));
    switch (op.type) {
      case kind.ALT:
        for (const part of op.children.map((child) => this.#firstOf(rule, child))) {
          add(part);
          first.empty ||= part.empty;
        }
        return first;
      case kind.CAT:
        first.empty = op.children.every((child) => {
          const part = this.#firstOf(rule, child);
          add(part);
          return part.empty;
        });
        return first;
      case kind.REP: {
        const part = this.#firstOf(rule, i + 1);
        return { octets: part.octets, empty: part.empty || op.min === 0 };
      }
      case kind.RNM:
        return this.#rules[op.index].first;
      case kind.TBS:
      case kind.TLS:
        if (op.string.length === 0) return { ...first, empty: true };
        first.octets[op.string[0]] = 1;
        if (op.type === kind.TLS) first.octets[String.fromCharCode(op.string[0]).toUpperCase().charCodeAt(0)] = 1;
        return first;
      case kind.TRG:
        first.octets.fill(1, op.min, op.max + 1);
        return first;
      default: // predicates
        return { ...first, empty: true };
    }
  }

  #computeFirst() {
    for (let changed = true; changed; ) {
      changed = false;
      for (const rule of this.#rules) {
        const first = this.#firstOf(rule, 0);
        if (first.empty !== rule.first.empty || first.octets.some((member, octet) => member !== rule.first.octets[octet])) {
          rule.first = { octets: first.octets.slice(), empty: first.empty };
          changed = true;
        }
      }
    }
  }

  #compile(rule, i) {
    const { octets, empty } = this.#firstOf(rule, i);
    const match = this.#compileOp(rule, i);
    return empty ? match : (p) => (p < this.#text.length && octets[this.#text[p]] ? match(p) : none);
  }

  #compileOp(rule, i) {
    const op = rule.opcodes[i];
    const octets = this.#octetsOf(rule, i);
    if (octets) return (p) => (p < this.#text.length && octets[this.#text[p]] ? one[p + 1] : none);
    const child = () => this.#compile(rule, i + 1);
    switch (op.type) {
      case kind.TBS:
      case kind.TLS:
        return this.#literal(op);
      case kind.RNM:
        return (p) => this.#apply(this.#rules[op.index], p);
      case kind.ALT: {
        const parts = op.children.map((at) => this.#compile(rule, at));
        return (p) => {
          let ends = none;
          for (const part of parts) ends = union(ends, part(p));
          return ends;
        };
      }
      case kind.CAT: {
        const parts = op.children.map((at) => this.#compile(rule, at));
        return (p) => {
          let ends = one[p];
          for (const part of parts) if ((ends = image(ends, part)) === none) break;
          return ends;
        };
      }
      case kind.REP:
        return this.#repetition(op, this.#octetsOf(rule, i + 1), child());
      case kind.AND: {
        const ahead = child();
        return (p) => (ahead(p).length ? one[p] : none);
      }
      case kind.NOT: {
        const ahead = child();
        return (p) => (ahead(p).length ? none : one[p]);
      }
      case kind.AEN:
        return (p) => (p === this.#text.length ? one[p] : none);
      default:
        throw new Error(`${rule.name}: an operator of type ${op.type}, which is not known here`);
    }
  }

  #literal({ type, string }) {
    const fold = type === kind.TLS; // apg-js keeps these in lower case
    return (p) => {
      if (p + string.length > this.#text.length) return none;
      for (let k = 0; k < string.length; k += 1) {
        let octet = this.#text[p + k];
        if (fold && octet >= 0x41 && octet <= 0x5a) octet += 0x20;
        if (octet !== string[k]) return none;
      }
      return one[p + string.length];
    };
  }

  #repetition({ min, max }, octets, part) {
    if (octets)
      return (p) => {
        let end = p;
        while (end < this.#text.length && end - p < max && octets[this.#text[end]]) end += 1;
        if (end - p < min) return none;
        const ends = [];
        for (let at = p + min; at <= end; at += 1) ends.push(at);
        return ends;
      };
    return (p) => {
      let level = one[p];
      let ends = min === 0 ? level : none;
      for (let count = 1; count <= max && level.length; count += 1) {
        level = image(level, part);
        // Where any number may follow, a position that was reached before leads nowhere new.
        if (max === Infinity && count > min) level = level.filter((at) => !ends.includes(at));
        if (count >= min) ends = union(ends, level);
      }
      return ends;
    };
  }
}

function union(left, right) {
  if (right.length === 0) return left;
  if (left.length === 0) return right;
  let ends = left;
  for (const at of right)
    if (!left.includes(at)) {
      if (ends === left) ends = left.slice();
      ends.push(at);
    }
  return ends;
}

function image(starts, part) {
  if (starts.length === 1) return part(starts[0]);
  let ends = none;
  for (const start of starts) ends = union(ends, part(start));
  return ends;
}
