"""Who may do what: one table, and the one function that reads it.

A row is an act; a cell says how far it reaches for a role: nothing, what is one's own, or all there is. What is one's
own: a session belongs to the recruiter who made it and, seen from their seat, to its candidate; a plan to its author.
docs/access.md is made from this table, and a test walks every endpoint, role and kind of object.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Who(StrEnum):
    """A kind of caller: the roles of accounts, and candidates, who have none."""

    CANDIDATE = "candidate"
    RECRUITER = "recruiter"
    PROCTOR = "proctor"
    ADMIN = "admin"


class Thing(StrEnum):
    """What an act is done to. Of `HOUSE` and `ACCOUNT` there is one, so nothing can be another's."""

    HOUSE = "the house"
    ACCOUNT = "one's account"
    SESSION = "a session"
    PLAN = "a plan"
    PROBLEM = "a problem"
    INCIDENT = "an incident"
    """It belongs to the owner of its session."""
    USER = "a user"
    """An account as the admins see it. Nobody's own: to oneself one comes by `ACCOUNT`."""


class Reach(StrEnum):
    """How far an act reaches. On the house, `OWN` means that the rows are one's own."""

    NONE = "–"
    OWN = "own"
    ALL = "all"


class Verdict(StrEnum):
    """What comes of asking. `HIDDEN` is answered as if the thing were not there (404), `FORBIDDEN` as 403."""

    ALLOWED = "allowed"
    HIDDEN = "hidden"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True)
class Rule:
    """One row of the table."""

    thing: Thing
    candidate: Reach = Reach.NONE
    recruiter: Reach = Reach.NONE
    proctor: Reach = Reach.NONE
    admin: Reach = Reach.ALL

    def reach(self, who: Who) -> Reach:
        """How far the act reaches for this kind of caller."""
        return getattr(self, who.value)

    @property
    def callers(self) -> tuple[Who, ...]:
        """The kinds of callers for whom the act reaches anything."""
        return tuple(who for who in Who if self.reach(who) is not Reach.NONE)


class Act(StrEnum):
    """Everything that can be asked for, but for what is open to anyone."""

    ACCOUNT_SEE = "account.see"
    ACCOUNT_LEAVE = "account.leave"
    """Sign out, here or everywhere."""
    ACCOUNT_SET_PASSWORD = "account.set_password"

    USER_LIST = "user.list"
    USER_ADD = "user.add"
    """Make an account, or invite somebody to have one."""
    USER_SEE = "user.see"
    USER_CHANGE = "user.change"
    """Name, role, disabled or not, a link for a new password."""
    USER_HAND_OVER = "user.hand_over"
    """Give what somebody owns to somebody else."""

    SESSION_CREATE = "session.create"
    SESSION_LIST = "session.list"
    SESSION_STATS = "session.stats"
    SESSION_SEE = "session.see"
    SESSION_CHANGE = "session.change"
    """When it can be started, and whom it is for."""
    SESSION_REDO = "session.redo"
    SESSION_CONSENT = "session.consent"
    SESSION_JOIN = "session.join"
    SESSION_START = "session.start"
    SESSION_PAUSE = "session.pause"
    """Pause and resume."""
    SESSION_EXTEND = "session.extend"
    SESSION_END = "session.end"
    SESSION_DELETE = "session.delete"

    RESUME_GIVE = "resume.give"
    """Hand in a résumé before the start, and delete it."""
    RESUME_SEE = "resume.see"
    """That there is one; never what it says."""
    PROPOSAL_SEE = "proposal.see"
    PROPOSAL_DECIDE = "proposal.decide"
    """Have questions proposed for one candidate, approve and reject them."""

    SESSION_EVENTS = "session.events"
    INVITE_SEE = "invite.see"
    INVITE_CHANGE = "invite.change"
    """Renew and revoke links."""

    MATERIAL_READ = "material.read"
    """Transcript, recording, incidents, stills, report."""

    EVALUATION_READ = "evaluation.read"
    """What each answer was found to show, while the interview goes on; never for who is interviewed."""

    REPORT_BUILD = "report.build"
    """See its versions, have it built anew, and requeue one that was given up."""
    REPORT_QUEUE = "report.queue"
    REPORT_COMPARE = "report.compare"
    """Candidates side by side, and how far people and model agree."""
    REPORT_AUDIT = "report.audit"
    """Selection rates and impact ratios of groups that are given."""
    REPORT_RELEASE = "report.release"
    RELEASED_REPORT_READ = "released_report.read"
    """The candidate's version."""
    REVIEW = "review"
    """Decide, and give own scores."""
    TRANSCRIPT_SEARCH = "transcript.search"
    TRANSCRIPT_CORRECT = "transcript.correct"

    PLAN_LIST = "plan.list"
    PLAN_CREATE = "plan.create"
    PLAN_SEE = "plan.see"
    """And use, clone or export: shared and ready-made plans are everybody's own in this."""
    PLAN_CHANGE = "plan.change"

    MONITORING_SEE = "monitoring.see"

    PROBLEM_RAISE = "problem.raise"
    PROBLEM_SEE = "problem.see"
    """Those of one session."""
    PROBLEM_LIST = "problem.list"
    PROBLEM_ANSWER = "problem.answer"

    INCIDENT_LIST = "incident.list"
    INCIDENT_SEE = "incident.see"
    """With what is needed to judge it: evidence, what was said around it, what else happened."""
    INCIDENT_JUDGE = "incident.judge"
    """Claim, release, decide, ask for a second opinion."""
    INCIDENT_ADD = "incident.add"
    """File what somebody saw and software did not."""
    INCIDENT_FIGURES = "incident.figures"
    """How far those who judge agree."""
    INCIDENT_OWN = "incident.own"
    """What was filed about oneself, once the interview is over."""
    SESSION_WATCH = "session.watch"
    """Watch the room live, unseen."""
    WATCH_LIST = "watch.list"
    """Which rooms there are to watch; of the candidates nothing."""

    WEBHOOK_MANAGE = "webhook.manage"
    """Register outgoing webhooks, and read and repeat what was delivered, mails included."""
    PERSON_EXPORT = "person.export"
    """Everything about an email: of one's own sessions, or of all and the account."""
    PERSON_ERASE = "person.erase"
    SESSION_ANONYMISE = "session.anonymise"
    OWN_DATA_EXPORT = "own_data.export"
    """What a candidate may ask for from their own seat."""
    OWN_DATA_ERASE = "own_data.erase"


_NONE, _OWN, _ALL = Reach.NONE, Reach.OWN, Reach.ALL

TABLE: dict[Act, Rule] = {
    Act.ACCOUNT_SEE: Rule(Thing.ACCOUNT, recruiter=_OWN, proctor=_OWN, admin=_OWN),
    Act.ACCOUNT_LEAVE: Rule(Thing.ACCOUNT, recruiter=_OWN, proctor=_OWN, admin=_OWN),
    Act.ACCOUNT_SET_PASSWORD: Rule(Thing.ACCOUNT, recruiter=_OWN, proctor=_OWN, admin=_OWN),
    Act.USER_LIST: Rule(Thing.HOUSE),
    Act.USER_ADD: Rule(Thing.HOUSE),
    Act.USER_SEE: Rule(Thing.USER),
    Act.USER_CHANGE: Rule(Thing.USER),
    Act.USER_HAND_OVER: Rule(Thing.USER),
    Act.SESSION_CREATE: Rule(Thing.HOUSE, recruiter=_ALL),
    Act.SESSION_LIST: Rule(Thing.HOUSE, recruiter=_OWN),
    Act.SESSION_STATS: Rule(Thing.HOUSE, recruiter=_OWN),
    Act.SESSION_SEE: Rule(Thing.SESSION, candidate=_OWN, recruiter=_OWN),
    Act.SESSION_CONSENT: Rule(Thing.SESSION, candidate=_OWN, recruiter=_OWN),
    Act.SESSION_JOIN: Rule(Thing.SESSION, candidate=_OWN, recruiter=_OWN),
    Act.SESSION_START: Rule(Thing.SESSION, candidate=_OWN, recruiter=_OWN),
    Act.SESSION_PAUSE: Rule(Thing.SESSION, recruiter=_OWN),
    Act.SESSION_EXTEND: Rule(Thing.SESSION, recruiter=_OWN),
    Act.SESSION_END: Rule(Thing.SESSION, candidate=_OWN, recruiter=_OWN),
    Act.SESSION_DELETE: Rule(Thing.SESSION, recruiter=_OWN),
    Act.SESSION_EVENTS: Rule(Thing.SESSION, candidate=_OWN, admin=_NONE),
    Act.SESSION_CHANGE: Rule(Thing.SESSION, recruiter=_OWN),
    Act.SESSION_REDO: Rule(Thing.SESSION, recruiter=_OWN),
    Act.RESUME_GIVE: Rule(Thing.SESSION, candidate=_OWN, recruiter=_OWN),
    Act.RESUME_SEE: Rule(Thing.SESSION, candidate=_OWN, recruiter=_OWN),
    Act.PROPOSAL_SEE: Rule(Thing.SESSION, recruiter=_OWN),
    Act.PROPOSAL_DECIDE: Rule(Thing.SESSION, recruiter=_OWN),
    Act.INVITE_SEE: Rule(Thing.SESSION, recruiter=_OWN),
    Act.INVITE_CHANGE: Rule(Thing.SESSION, recruiter=_OWN),
    Act.MATERIAL_READ: Rule(Thing.SESSION, recruiter=_OWN),
    Act.EVALUATION_READ: Rule(Thing.SESSION, recruiter=_OWN),
    Act.REPORT_BUILD: Rule(Thing.SESSION, recruiter=_OWN),
    Act.REPORT_QUEUE: Rule(Thing.HOUSE, recruiter=_OWN),
    Act.REPORT_COMPARE: Rule(Thing.HOUSE, recruiter=_OWN),
    Act.REPORT_AUDIT: Rule(Thing.HOUSE, recruiter=_OWN),
    Act.REPORT_RELEASE: Rule(Thing.SESSION, recruiter=_OWN),
    Act.RELEASED_REPORT_READ: Rule(Thing.SESSION, candidate=_OWN, recruiter=_OWN),
    Act.REVIEW: Rule(Thing.SESSION, recruiter=_OWN),
    Act.TRANSCRIPT_SEARCH: Rule(Thing.HOUSE, recruiter=_OWN),
    Act.TRANSCRIPT_CORRECT: Rule(Thing.SESSION, recruiter=_OWN),
    Act.PLAN_LIST: Rule(Thing.HOUSE, recruiter=_OWN),
    Act.PLAN_CREATE: Rule(Thing.HOUSE, recruiter=_ALL),
    Act.PLAN_SEE: Rule(Thing.PLAN, recruiter=_OWN),
    Act.PLAN_CHANGE: Rule(Thing.PLAN, recruiter=_OWN),
    Act.PROBLEM_RAISE: Rule(Thing.SESSION, candidate=_OWN, admin=_NONE),
    Act.PROBLEM_SEE: Rule(Thing.SESSION, candidate=_OWN, recruiter=_OWN),
    Act.PROBLEM_LIST: Rule(Thing.HOUSE, recruiter=_OWN),
    Act.PROBLEM_ANSWER: Rule(Thing.PROBLEM, recruiter=_OWN),
    Act.INCIDENT_LIST: Rule(Thing.HOUSE, recruiter=_OWN, proctor=_ALL),
    Act.INCIDENT_SEE: Rule(Thing.INCIDENT, recruiter=_OWN, proctor=_ALL),
    Act.INCIDENT_JUDGE: Rule(Thing.INCIDENT, proctor=_ALL),
    Act.INCIDENT_ADD: Rule(Thing.SESSION, proctor=_ALL),
    Act.INCIDENT_FIGURES: Rule(Thing.HOUSE, proctor=_ALL),
    Act.INCIDENT_OWN: Rule(Thing.SESSION, candidate=_OWN, admin=_NONE),
    Act.SESSION_WATCH: Rule(Thing.SESSION, recruiter=_OWN, proctor=_ALL),
    Act.WATCH_LIST: Rule(Thing.HOUSE, recruiter=_OWN, proctor=_ALL),
    Act.WEBHOOK_MANAGE: Rule(Thing.HOUSE),
    Act.MONITORING_SEE: Rule(Thing.HOUSE, recruiter=_OWN),
    Act.PERSON_EXPORT: Rule(Thing.HOUSE, recruiter=_OWN),
    Act.PERSON_ERASE: Rule(Thing.HOUSE, recruiter=_OWN),
    Act.SESSION_ANONYMISE: Rule(Thing.SESSION, recruiter=_OWN),
    Act.OWN_DATA_EXPORT: Rule(Thing.SESSION, candidate=_OWN, admin=_NONE),
    Act.OWN_DATA_ERASE: Rule(Thing.SESSION, candidate=_OWN, admin=_NONE),
}


def decide(act: Act, who: Who, *, own: bool) -> Verdict:
    """Read the table. `own` tells whether the thing is the caller's; of the house and the account it always is.

    What a caller cannot know of is hidden, whatever the act: an answer must not tell an absent thing from another's.
    """
    rule = TABLE[act]
    reach = rule.reach(who)
    alone = rule.thing in (Thing.HOUSE, Thing.ACCOUNT)
    if reach is Reach.ALL or (reach is Reach.OWN and (own or alone)):
        return Verdict.ALLOWED
    return Verdict.FORBIDDEN if own or alone else Verdict.HIDDEN


def rows() -> Iterator[tuple[str, ...]]:
    """Yield the table as docs/access.md shows it: act, thing, and a cell for each kind of caller."""
    for act, rule in TABLE.items():
        yield (f"`{act}`", rule.thing, *(rule.reach(who) for who in Who))
