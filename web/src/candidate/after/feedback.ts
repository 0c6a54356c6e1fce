/** The candidate's version of a report, read from the open form in which it comes: pure. What is missing is left out. */

export interface FeedbackCompetency {
  name: string;
  level: number | null;
  levelWords: string;
  reason: string;
  /** Why there is no level. */
  notScorable: string;
  quotes: readonly string[];
}

export interface FeedbackQuestion {
  text: string;
  answered: boolean;
  feedback: string;
}

export interface Feedback {
  competencies: readonly FeedbackCompetency[];
  questions: readonly FeedbackQuestion[];
  models: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

export function feedbackOf(content: Fields): Feedback {
  return {
    competencies: list(content["competencies"]).map((one) => ({
      name: text(one["name"]),
      level: typeof one["level"] === "number" ? one["level"] : null,
      levelWords: text(one["level_words"]),
      reason: text(one["reason"]),
      notScorable: text(one["not_scorable"]),
      quotes: list(one["quotes"]).map((quote) => text(quote["text"])),
    })),
    questions: list(content["questions"])
      .filter((one) => one["asked"] !== false)
      .map((one) => ({ text: text(one["text"]), answered: one["answered"] === true, feedback: text(one["feedback"]) })),
    models: Array.isArray(content["models"]) ? content["models"].map(String) : [],
  };
}

const text = (value: unknown) => (typeof value === "string" ? value : "");

function list(value: unknown): Fields[] {
  if (!Array.isArray(value)) return [];
  return value.filter((one): one is Fields => typeof one === "object" && one !== null);
}
