/** Dasselbe auf Deutsch. */

import type { StaffKey } from "./staff.en";
import { app } from "./staff/app.de";
import { compare } from "./staff/compare.de";
import { errors } from "./staff/errors.de";
import { house } from "./staff/house.de";
import { incidents } from "./staff/incidents.de";
import { plans } from "./staff/plans.de";
import { problems } from "./staff/problems.de";
import { proctor } from "./staff/proctor.de";
import { report } from "./staff/report.de";
import { session } from "./staff/session.de";
import { sessions } from "./staff/sessions.de";

export const de: Record<StaffKey, string> = { ...app, ...errors, ...sessions, ...session, ...report, ...incidents, ...plans, ...problems, ...house, ...compare, ...proctor };
