"""Proposals of projects: anybody makes them, an editor's yes or no decides."""

from twimbot import words
from twimbot.catalogue.changes import Change
from twimbot.commands.catalogue import carry_out, check_change
from twimbot.commands.request import Request
from twimbot.config import ProjectPart, Publication
from twimbot.errors import CommandError
from twimbot.mistakes import nearest
from twimbot.model.catalogue import folded
from twimbot.store.catalogue import Proposal
from twimbot.store.entries import Decision
from twimbot.store.outbox import PROPOSAL
from twimbot.store.records import Records
from twimbot.words import Answer

LONGEST = 1000
"""How many characters a proposal has at most: the editors read it in one glance."""

DECIDED = "proposal decided"
"""What the purpose of telling somebody the editors' decision begins with."""


async def propose(request: Request, project: ProjectPart) -> Answer:
    """Put a project before the editors."""
    if len(request.message.content.body) > LONGEST:
        raise CommandError(f"That is too long for a proposal; {LONGEST} characters are the most.")
    check_change(request.publication, Change(request.message.event_id, "projects", project.key, None, None, project))
    waiting = await request.records.catalogue.proposals(request.publication.key)
    if any(folded(proposal.project.key) == folded(project.key) for proposal in waiting):
        raise CommandError(f"A project {project.key} is proposed already; the editors will decide about it.")
    message = request.message
    proposal = Proposal(message.event_id, request.publication.key, message.room_id, message.sender, project)
    await request.records.catalogue.propose(proposal, message.sent_at)
    name = await request.sender_name()
    told = words.proposed(name, message.sender, project, request.publication.command)
    await request.tell_editors(words.notice(told), PROPOSAL)
    return Answer.of(f"Thank you; the editors will decide about {project.title} ({project.key}), and I tell you here.")


async def accept(request: Request, key: str) -> Answer:
    """Take a proposed project into the catalogue."""
    return await _decide_named(request, key, is_accepted=True)


async def decline(request: Request, key: str) -> Answer:
    """Leave a proposed project out of the catalogue."""
    return await _decide_named(request, key, is_accepted=False)


async def decide(
    records: Records,
    publication: Publication,
    proposal: Proposal,
    decision: Decision,
    *,
    is_accepted: bool,
    is_history: bool,
) -> Answer:
    """Carry out an editor's yes or no to an open proposal, and tell who made it; return what to tell the editors.

    Raises CommandError where the catalogue can't take the project any more; the proposal stays open then.
    """
    project = proposal.project
    if is_accepted:
        change = Change(decision.event_id, "projects", project.key, None, None, project)
        await carry_out(records, publication, change, decision)
    await records.catalogue.decide(proposal, decision, is_accepted=is_accepted)
    told = words.proposal_decided(project.title, publication.title, is_accepted=is_accepted)
    for number, content in enumerate(words.contents(told, proposal.event_id)):
        await records.outbox.send_or_withhold(
            proposal.room_id, content, proposal.event_id, f"{DECIDED} {number}", is_withheld=is_history
        )
    return words.proposal_settled(project, publication.command, is_accepted=is_accepted)


async def _decide_named(request: Request, key: str, *, is_accepted: bool) -> Answer:
    waiting = {each.project.key: each for each in await request.records.catalogue.proposals(request.publication.key)}
    proposal = waiting.get(key)
    if proposal is None:
        meant = nearest(key, [*waiting])
        hint = f"did you mean “{meant}”?" if meant else f"there are {', '.join(waiting) or 'none'}."
        raise CommandError(f"There is no open proposal “{words.first_line(key)}”; {hint}")
    return await decide(
        request.records,
        request.publication,
        proposal,
        request.decision,
        is_accepted=is_accepted,
        is_history=request.is_history,
    )
