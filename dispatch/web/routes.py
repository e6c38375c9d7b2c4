"""Which act of the table of rights each address is; an address that is not here is open to nobody."""

from __future__ import annotations

from dispatch.accounts.rights import LINK, PUBLIC

ADDRESSES: dict[str, str] = {
    PUBLIC: "static assets healthz readyz metrics auth.login auth.code auth.logout shell.keep_theme phone.worker phone.token "
            "openness.index openness.find openness.gift openness.data edits.resume",
    LINK: "my.show my.say my.sign_of_life my.tell my.go_on trucks.show trucks.tapped trucks.road_ahead devices.from_tracker",
    "own": "account.index account.password account.factor account.keep_factor account.drop_factor account.prove account.end_session account.end_sessions "
           "account.make account.revoke notices.index notices.read notices.subscribe notices.unsubscribe "
           "authority.index help.index help.tour help.no_tour help.guide my.mine",
    "desk.read": "api.proposal api.situation api.situations board.board board.layer board.table deployments.index deployments.rota deployments.show "
                 "documents.index documents.paper documents.show drafts.of_situation drafts.show drafts.standing drills.compare drills.index "
                 "drills.picture drills.report drills.show exercises.index exercises.list_lessons exercises.show edits.roads goods.look_up goods.packing_list goods.paper goods.scanned goods.waybill "
                 "goods.waybills ledger.card ledger.health ledger.lot ledger.moves ledger.stock live.events live.here money.certificate money.follow "
                 "money.index money.look_up packs.truck_pack papers.map_pdf phone.home phone.queue plans.edition plans.form plans.index "
                 "plans.what_if_json plans.what_if_page proposals.index proposals.show receipts.claim receipts.claims receipts.photo "
                 "roads.history roads.index rooms.code_of_desk rooms.show search.page search.suggest situations.documents situations.inbox situations.raw situations.show "
                 "teams.calendar teams.export teams.index teams.member teams.show trucks.own_page uploads.index uploads.show uploads.template "
                 "warehouses.index warehouses.show",
    "report.file": "api.reports situations.new_report situations.file_new_report situations.report situations.met",
    "situation.judge": "situations.entry",
    "situation.lower": "situations.step_down situations.special",
    "alert.send": "api.alerts",
    "draft.decide": "drafts.again drafts.stop drafts.take",
    "proposal.edit": "edits.change edits.choose edits.redo_last edits.undo_last edits.work_out",
    "proposal.submit": "proposals.submit",
    "proposal.approve": "proposals.approve proposals.send_back",
    "delegation.give": "authority.lend authority.take_back",
    "glass.take": "authority.break_glass authority.close_glass",
    "glass.review": "authority.review",
    "waybill.work": "goods.depart receipts.form receipts.receive trucks.from_desk trucks.stop devices.from_system",
    "claim.work": "receipts.move",
    "road.tell": "roads.form roads.tell",
    "road.replan": "roads.plan_again",
    "stock.work": "documents.form documents.create documents.advance warehouses.check warehouses.facility",
    "upload.work": "uploads.create uploads.book uploads.reverse",
    "money.book": "money.gift",
    "money.spend": "money.reserve",
    "plan.propose": "plans.propose",
    "plan.decide": "plans.decide",
    "team.apply": "teams.ask team_acts.join team_acts.change_status team_acts.keep_kin team_acts.show_kin",
    "team.keep": "team_acts.count_kit team_acts.keep_drill team_acts.keep_vehicle team_acts.drop_vehicle",
    "team.manage": "teams.new teams.waiting team_acts.create team_acts.decide team_acts.certify team_acts.uncertify team_acts.rewrite team_acts.transfer",
    "deployment.lead": "deployments.create deployments.call deployments.go_on deployments.note deployments.note_answer "
                       "deployments.note_check_in deployments.relieve",
    "drill.play": "drills.play rooms.again rooms.lead rooms.open_desk rooms.open_room rooms.set_players rooms.throw "
                  "exercises.cancel exercises.close exercises.held exercises.keep exercises.keep_findings exercises.people exercises.plan",
    "drill.attend": "exercises.attendance exercises.missed",
    "audit.read": "audit.index audit.prove audit.take_along",
    "account.manage": "people.index people.add people.change",
}
ACT_OF = {endpoint: act for act, endpoints in ADDRESSES.items() for endpoint in endpoints.split()}
PREVIEWS = {"plans.propose": ("step", "preview", "desk.read")}
"""Forms that everybody may try without keeping anything: a field, its value, and the act it is then."""
API = frozenset({"api.alerts", "api.proposal", "api.reports", "api.situation", "api.situations", "devices.from_system"})
"""Addresses for programs: a key or basic credentials instead of a browser's session."""
