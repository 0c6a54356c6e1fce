/** What the API says is wrong with a plan, by the path of the field: pure. */

import { callError } from "../../api/calls";
import type { StaffKey } from "../../texts/staff.en";
import type { Texts } from "../../texts/texts";
import type { PlanContent } from "../data";

export interface Fault {
  /** The path in the plan, such as `questions.3.competency`; empty for the plan as a whole. */
  where: string;
  /** The API's own words: exact, and English. */
  what: string;
  kind: string;
}

/** The faults in an answer that refuses a plan, whether it was sent as JSON or as a file. */
export function faultsOf(error: unknown): Fault[] {
  const { code, message, details } = callError(error);
  if (code === "engine_unknown") return [{ where: `engines.${String(details["kind"])}`, what: message, kind: code }];
  if (code === "language_unknown") return [{ where: "language", what: message, kind: code }];
  const errors = Array.isArray(details["errors"]) ? (details["errors"] as Record<string, unknown>[]) : [];
  return errors.map((one) => ({
    where: String(one["where"] ?? "").replace(/^body\.(plan\b)?\.?/, "").replace(/^plan$/, ""),
    what: String(one["what"] ?? ""),
    kind: String(one["kind"] ?? ""),
  }));
}

/** Those that still stand: what was changed since it was sent has to be judged anew. */
export function standing(faults: readonly Fault[], sent: PlanContent, now: PlanContent): Fault[] {
  const same = (path: string) => JSON.stringify(valueAt(sent, path)) === JSON.stringify(valueAt(now, path));
  return faults.filter((fault) => same(fault.where));
}

/** What stands at a path; undefined where there is nothing. */
export function valueAt(plan: PlanContent, path: string): unknown {
  let found: unknown = plan;
  for (const part of path ? path.split(".") : []) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string, unknown>)[part];
  }
  return found;
}

/** A fault in the reader's language, where it is one that people make; otherwise in the API's words. */
export function faultWords({ maybe }: Texts<StaffKey>, { where, what, kind }: Fault): string {
  const limit = /-?\d+(\.\d+)?/.exec(what)?.[0] ?? "";
  const field = where.replace(/^(proctoring\.thresholds)\..*$/, "$1");
  return maybe(`fault.${kind}.${field}`, maybe(`fault.${kind}`, what, { limit }), { limit });
}

const LEAVES: Readonly<Record<string, StaffKey>> = {
  title: "plan.title",
  job_role: "plan.job_role",
  job_description: "plan.job_description",
  language: "plan.language",
  duration_s: "plan.minutes",
  interviewer_name: "plan.interviewer",
  voice: "plan.voice",
  speaking_speed: "plan.speed",
  "engines.stt": "plan.engine.stt",
  "engines.llm": "plan.engine.llm",
  "engines.tts": "plan.engine.tts",
  competencies: "plan.competencies",
  "competencies.#.name": "plan.competency.name",
  "competencies.#.description": "plan.competency.description",
  "competencies.#.rubric": "plan.rubric",
  "competencies.#.rubric.#": "plan.rubric",
  questions: "plan.questions",
  "questions.#.text": "plan.question.text",
  "questions.#.competency": "plan.question.competency",
  "questions.#.max_follow_ups": "plan.question.follow_ups",
  "questions.#.max_s": "plan.question.max_s",
  "questions.#.variants.easier": "plan.question.easier",
  "questions.#.variants.harder": "plan.question.harder",
  adaptive: "plan.adaptive",
  "proctoring.kinds": "plan.kinds",
  "proctoring.evidence_days": "plan.evidence_days",
  "consent.required": "plan.consent",
  "accommodations.extra_time_percent": "accommodations.extra_time_percent",
  "accommodations.notes": "accommodations.notes",
  retention_days: "plan.retention",
};

/** Where a field is, as its page names it; the path itself where the page has no name for it. */
export function placeOf({ t, maybe }: Texts<StaffKey>, where: string): string {
  const threshold = /^proctoring\.thresholds\.(\w+)\.(after_s|threshold)$/.exec(where);
  if (threshold) return `${maybe(`kind.${threshold[1] ?? ""}`, threshold[1] ?? "")}, ${t(threshold[2] === "after_s" ? "plan.after_s" : "plan.threshold")}`;
  const leaf = LEAVES[where.replace(/\.\d+(?=\.|$)/g, ".#")];
  const [, list, place] = /^(questions|competencies)\.(\d+)/.exec(where) ?? [];
  const one = list ? t(list === "questions" ? "plan.question" : "plan.competency", { number: Number(place) + 1 }) : "";
  return [one, leaf ? t(leaf) : where].filter(Boolean).join(", ");
}
