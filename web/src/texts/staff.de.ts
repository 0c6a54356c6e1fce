import type { StaffKey } from "./staff.en";
import { en } from "./staff.en";

export const de: Record<StaffKey, string> = { ...en };
