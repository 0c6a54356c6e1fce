/** A plan while it is edited, and the checks that need no server: pure. */

import type { PlanContent } from "../data";

export const EMPTY: PlanContent = {
  title: "",
  language: "en",
  duration_s: 1800,
  competencies: [{ id: "general", name: "General", description: "" }],
  questions: [{ id: "q1", text: "", competency: "general", max_follow_ups: 1 }],
  // as the API has it where a plan says nothing: what is sent is what the page shows
  recording: { audio: true },
  proctoring: { enabled: true, kinds: ["no_face", "second_face"] },
  consent: { required: ["interview"] },
};

/** An id for a name: small letters, digits and underscores, unique among `taken`. */
export function idOf(name: string, taken: readonly string[]): string {
  const plain = name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 40) || "c";
  let id = plain;
  for (let n = 2; taken.includes(id); n += 1) id = `${plain}_${n}`;
  return id;
}

/** Move one of a list up (-1) or down (+1); at the edge nothing changes. */
export function moved<Item>(list: readonly Item[], from: number, by: -1 | 1): Item[] {
  const to = from + by;
  const taken = list[from];
  if (taken === undefined || to < 0 || to >= list.length) return [...list];
  const rest = list.filter((_, place) => place !== from);
  return [...rest.slice(0, to), taken, ...rest.slice(to)];
}

/** A plan without a competency: its questions are given to the first that is left. */
export function withoutCompetency(plan: PlanContent, id: string): PlanContent {
  const competencies = plan.competencies.filter((one) => one.id !== id);
  const first = competencies[0]?.id ?? "";
  const questions = plan.questions.map((one) => (one.competency === id ? { ...one, competency: first } : one));
  return { ...plan, competencies, questions };
}

/** Five empty levels, to be written. */
export const BLANK_RUBRIC = ["", "", "", "", ""] as const;

/** A rubric with one level in other words. */
export function withLevel(rubric: readonly string[], level: number, words: string): [string, string, string, string, string] {
  const at = (place: number) => (place === level ? words : (rubric[place] ?? ""));
  return [at(0), at(1), at(2), at(3), at(4)];
}

type Variants = NonNullable<PlanContent["questions"][number]["variants"]>;

/** A question's other wordings with one of them changed; null where none is left, since a plan holds no empty ones. */
export function withVariant(variants: Variants | null | undefined, which: "easier" | "harder", words: string): Variants | null {
  const next = { ...variants, [which]: words || null };
  return next.easier || next.harder ? next : null;
}

type Thresholds = NonNullable<NonNullable<PlanContent["proctoring"]>["thresholds"]>;

/** Thresholds with one figure of one kind changed; a kind that says nothing is left out, since a plan holds no empty ones. */
export function withThreshold(thresholds: Thresholds, kind: string, part: "after_s" | "threshold", figure: number | null): Thresholds {
  const next = { ...thresholds[kind], [part]: figure };
  const rest = Object.fromEntries(Object.entries(thresholds).filter(([name]) => name !== kind));
  return next.after_s == null && next.threshold == null ? rest : { ...rest, [kind]: next };
}
