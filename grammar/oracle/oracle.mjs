// Compares the verdicts of the PEGTL rules (a program, see verdicts.hpp) with those of the ABNF in this folder, on generated, mutated and
// given strings. Exit status: 0 they agree, 1 they do not, 2 the comparison itself went wrong.
//
//   node oracle.mjs --apg FOLDER --verdicts PROGRAM [--seeds FILE_OR_FOLDER]... [--planted RULE,RULE...]
//
// --planted: the program is asked for its wrong rules, and only if exactly these are found to disagree is the exit status 0.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { beyondPriority, differences, helpers, prioritized } from './differences.mjs';
import { Language, parseAbnf } from './language.mjs';
import { Random, mutation, sentence } from './sentences.mjs';
import { topRules } from './top_rules.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const charsets = ['ascii', 'internationalized'];
const { values: options } = parseArgs({
  options: {
    apg: { type: 'string' },
    verdicts: { type: 'string' },
    seeds: { type: 'string', multiple: true, default: [] },
    planted: { type: 'string' },
  },
});

const planted = options.planted?.split(',').sort();

function abnf(...files) {
  return files.map((file) => readFileSync(path.join(here, file), 'latin1')).join('\n');
}

// text with some of its rules written otherwise; what other files add to those is dropped.
function rewritten(text, rules) {
  let result = text;
  for (const [rule, elements] of Object.entries(rules)) {
    const definition = new RegExp(`^${rule} =.*(?:\n +/.*)*\n(?: +.*\n)*`, 'gm');
    let first = true;
    const before = result;
    result = result.replace(definition, () => {
      const kept = first ? `${rule} = ${elements}\n` : '';
      first = false;
      return kept;
    });
    if (result === before) throw new Error(`no rule ${rule} to rewrite`);
  }
  return result;
}

// The languages of the two charsets, with each difference as a rule; and what apg-js's own parser says.
function load(apg) {
  const tables = differences.map((each, at) => `difference-${at} = ${each.texts}\n`).join('');
  const whole = topRules.map(({ rule }) => `whole-${rule} = &( ${rule} %$ )\n`).join('');
  const texts = { ascii: abnf('smtp.abnf'), internationalized: abnf('smtp.abnf', 'smtputf8.abnf') };
  return charsets.map((charset) => {
    const parser = new apg.apgLib.parser();
    const grammar = parseAbnf(apg, `${rewritten(texts[charset], prioritized[charset])}\n${whole}`);
    return {
      charset,
      exact: new Language(parseAbnf(apg, `${texts[charset]}\n${helpers}${tables}`)),
      // Behind &, apg-js keeps no back references, and is four times as fast.
      thirdParty: (rule, octets) => parser.parse(grammar, `whole-${rule}`, [...octets]).state !== apg.apgLib.ids.NOMATCH,
    };
  });
}

// Texts from files: the string literals of C++ tests, the whole and the lines of others.
function seedsOf(place) {
  if (statSync(place).isDirectory()) return readdirSync(place).sort().flatMap((name) => seedsOf(path.join(place, name)));
  const text = readFileSync(place, 'latin1');
  if (!/\.[ch]pp$/.test(place)) return [text, ...text.split(/\r?\n/)];
  const escapes = { n: '\n', r: '\r', t: '\t', 0: '\0' };
  return [...text.matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].map((match) =>
    match[1].replace(/\\(?:x([0-9A-Fa-f]{2})|(.))/g, (_, hex, one) => (hex ? String.fromCharCode(parseInt(hex, 16)) : (escapes[one] ?? one))),
  );
}

function stringsFor({ rule, count, also = [] }, languages, seeds) {
  const random = new Random(rule);
  const texts = new Set(also);
  const sentences = [];
  for (let tries = 0; texts.size < count && tries < 4 * count; tries += 1) {
    let octets;
    if (sentences.length < 4 || random.chance(35)) {
      octets = sentence(random.of(languages).exact, rule, random);
      if (octets.length > 200 && random.chance(90)) continue;
      sentences.push(octets);
    } else {
      octets = mutation(random.of(sentences), random.of(sentences), random);
    }
    texts.add(Buffer.from(octets).toString('latin1'));
  }
  const generated = texts.size;
  // A text of something else altogether is refused on its first octet: a tenth of these is enough.
  const begins = (seed) => languages.some(({ exact }) => exact.canBegin(rule, seed.length ? seed.charCodeAt(0) : undefined));
  for (const seed of seeds) if (begins(seed) || random.chance(10)) texts.add(seed);
  return { texts: [...texts].map((text) => Uint8Array.from(Buffer.from(text, 'latin1'))), generated };
}

function peerVerdicts(rule, texts) {
  const input = texts.map((text) => `${rule} ${Buffer.from(text).toString('hex')}\n`).join('');
  const done = spawnSync(options.verdicts, planted ? ['--planted'] : [], { input, maxBuffer: 1 << 30, encoding: 'latin1' });
  if (done.status !== 0) throw new Error(`${options.verdicts}: ${done.error ?? done.stderr}`);
  const lines = done.stdout.split('\n');
  if (lines.pop() !== '' || lines.length !== texts.length) throw new Error(`${options.verdicts}: ${lines.length} verdicts on ${texts.length} texts`);
  return lines;
}

function readable(octets) {
  const names = { 9: '\\t', 10: '\\n', 13: '\\r', 34: '\\"', 92: '\\\\' };
  return `"${[...octets].map((o) => names[o] ?? (o > 31 && o < 127 ? String.fromCharCode(o) : `\\x${o.toString(16).padStart(2, '0')}`)).join('')}"`;
}

function compare() {
  const apg = createRequire(import.meta.url)(path.resolve(options.apg));
  const languages = load(apg);
  const known = spawnSync(options.verdicts, ['--rules'], { encoding: 'latin1' }).stdout?.trim().split('\n').sort().join(' ');
  const ours = topRules.map(({ rule }) => rule).sort().join(' ');
  if (known !== ours) throw new Error(`the rules of ${options.verdicts} and of top_rules.mjs differ:\n${known}\n${ours}`);

  const seeds = [...new Set(options.seeds.flatMap(seedsOf))].filter((seed) => seed.length <= 300);
  // Beside the wrong ones some that are right: the oracle must not blame these.
  const compared = planted ? topRules.filter(({ rule }) => [...planted, 'Domain', 'sasl-mech', 'ehlo-line'].includes(rule)) : topRules;
  const totals = { generated: 0, verdicts: 0, accepted: 0, third: 0 };
  const used = differences.map(() => 0);
  const disagreements = [];
  for (const top of compared) {
    const { texts, generated } = stringsFor(top, languages, seeds);
    const peer = peerVerdicts(top.rule, texts);
    totals.generated += generated;
    let accepted = 0;
    for (const [at, octets] of texts.entries())
      for (const [c, { charset, exact, thirdParty }] of languages.entries()) {
        const isValue = !top.value || exact.accepts('esmtp-value', octets);
        const standard = isValue && exact.accepts(top.rule, octets);
        const postel = peer[at][c] === '1';
        let expected = standard;
        // A difference explains a verdict of ours; that it holds for the texts it names is looked at in one of eight.
        for (const [d, difference] of differences.entries())
          if (
            (postel !== standard || at % 8 === 0) &&
            difference.rules.includes(top.rule) &&
            charset === (difference.charset ?? charset) &&
            standard === (difference.postel === 'refuses') &&
            isValue &&
            exact.accepts(`difference-${d}`, octets)
          ) {
            expected = !standard;
            used[d] += 1;
          }
        if (postel !== expected) disagreements.push({ rule: top.rule, charset, octets, postel, abnf: standard, expected });
        // apg-js's own parser is slow: it sees one text in forty, and of the tests and the corpus every fourth that the ABNF accepts.
        if (!beyondPriority.includes(top.rule) && (at < generated ? at % 40 === 0 : standard && at % 4 === 0)) {
          totals.third += 1;
          const third = isValue && thirdParty(top.rule, octets);
          if (third !== standard) disagreements.push({ rule: top.rule, charset, octets, 'apg-js': third, abnf: standard });
        }
        accepted += standard;
      }
    if (accepted < 20 && !top.few) throw new Error(`${top.rule}: only ${accepted} texts were accepted: nothing was tried`);
    totals.accepted += accepted;
    totals.verdicts += 2 * texts.length;
  }
  return { totals, used, disagreements, rules: compared.length, seeds: seeds.length };
}

function report({ totals, used, disagreements, rules, seeds }) {
  console.log(
    `${rules} rules, ${totals.generated} distinct generated and mutated strings, ${seeds} given ones: ` +
      `${totals.verdicts} verdicts in two charsets, ${totals.accepted} of them acceptance; ${totals.third} also by apg-js's own parser`,
  );
  const groups = new Map();
  for (const each of disagreements) {
    const key = `${each.rule}, ${each.charset}: ${['postel', 'apg-js'].filter((who) => who in each).map((who) => `${who} ${each[who] ? 'accepts' : 'refuses'}`)}, the ABNF ${each.abnf ? 'accepts' : 'refuses'}${each.postel === each.abnf ? ', but a difference is documented' : ''}`;
    groups.set(key, [...(groups.get(key) ?? []), each.octets]);
  }
  for (const [key, texts] of groups) {
    console.log(`${key} (${texts.length} strings)`);
    for (const octets of texts.sort((a, b) => a.length - b.length).slice(0, 6)) console.log(`    ${readable(octets)}`);
  }
  const stale = planted ? [] : differences.filter((_, at) => used[at] === 0);
  for (const each of stale) console.log(`no string shows the difference "${each.what}" of ${each.rules}`);
  const readme = readFileSync(path.join(here, 'README.md'), 'utf8');
  const unlisted = differences.filter(({ what }) => !readme.includes(what));
  for (const each of unlisted) console.log(`README.md does not list the difference "${each.what}"`);
  const enough = planted !== undefined || totals.generated >= 200000;
  if (!enough) console.log('fewer than 200000 generated strings');
  return { found: [...new Set(disagreements.map(({ rule }) => rule))].sort(), sound: stale.length === 0 && unlisted.length === 0 && enough };
}

try {
  const { found, sound } = report(compare());
  if (planted) console.log(`planted: ${planted.join(', ')}\nfound:   ${found.join(', ')}`);
  process.exitCode = sound && found.join() === (planted ?? []).join() ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
