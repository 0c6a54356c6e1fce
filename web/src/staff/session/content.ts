/** A report's content as the pages read it (the schema of version 1 is reports/content.py): what is not there is empty. */

export interface Quote {
  seq: number;
  text: string;
  at_s: number;
}

export interface CompetencyResult {
  id: string;
  name: string;
  level: number | null;
  level_words: string;
  not_scorable: string;
  reason: string;
  quotes: Quote[];
  confidence: number;
  /** The levels that independent passes gave. */
  passes?: number[];
}

export interface AnswerResult {
  level: number | null;
  not_scorable: string;
  feedback: string;
  quotes: Quote[];
}

export interface QuestionResult {
  question_id: string;
  text: string;
  asked: boolean;
  answered: boolean;
  answer_s: number;
  answer_words: number;
  follow_ups: string[];
  first_answer_seq: number | null;
  evaluation?: AnswerResult | null;
}

export interface Spread {
  n: number;
  p50: number | null;
  p95: number | null;
}

export interface Conditions {
  interviewer_attempts: number;
  paused_s: number;
  absent_s?: number;
  database_away_s?: number;
  recording_longest_gap_s: number;
  transcription_confidence: number | null;
  low_confidence_turns: number;
  typed_turns: number;
}

/** Words that read like an instruction to whoever scores; they were kept from the model. */
export interface InstructionAttempt {
  seq: number;
  text: string;
  at_s: number;
}

export interface ReportContent {
  summary?: string;
  session: { zero_at: string };
  notices: { code: string; text: string }[];
  competencies: CompetencyResult[];
  questions: QuestionResult[];
  conditions?: Conditions;
  instructions?: InstructionAttempt[];
  figures: {
    candidate_s: number;
    interviewer_s: number;
    silence_s: number;
    candidate_share: number | null;
    follow_ups: number;
    interviewer_delay_s: Spread;
  };
  cost: { interview_usd: number; scoring_usd: number };
  versions: { plan_version: number; models: Record<string, string>; prompts: Record<string, number> };
}

/** Take the content as it came; null where it has no competencies, which every version has. */
export function contentOf(content: unknown): ReportContent | null {
  if (typeof content !== "object" || content === null || !("competencies" in content)) return null;
  return content as ReportContent;
}

/** The candidate's version: the recruiter's, with what is about others left out. */
export interface CandidateContent {
  how_it_came_about: string;
  competencies: (Pick<CompetencyResult, "id" | "name" | "reason" | "not_scorable" | "quotes"> & { level?: number | null })[];
  questions: { question_id: string; text: string; feedback?: string }[];
}

export function candidateContentOf(content: unknown): CandidateContent | null {
  if (typeof content !== "object" || content === null || !("competencies" in content) || !("questions" in content)) return null;
  return content as CandidateContent;
}
