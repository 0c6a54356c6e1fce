/** What the pages of recruiters, proctors and admins say, in English: by area in `staff/`. */

import { app } from "./staff/app.en";
import { compare } from "./staff/compare.en";
import { errors } from "./staff/errors.en";
import { house } from "./staff/house.en";
import { incidents } from "./staff/incidents.en";
import { plans } from "./staff/plans.en";
import { problems } from "./staff/problems.en";
import { proctor } from "./staff/proctor.en";
import { report } from "./staff/report.en";
import { session } from "./staff/session.en";
import { sessions } from "./staff/sessions.en";

export const en = { ...app, ...errors, ...sessions, ...session, ...report, ...incidents, ...plans, ...problems, ...house, ...compare, ...proctor };

export type StaffKey = keyof typeof en;
