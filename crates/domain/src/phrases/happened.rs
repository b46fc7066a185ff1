//! What happened, as a family reads it: the kinds of the lines of a subject report.

use super::{Texts, in_language};
use crate::event::EventKind;
use crate::purpose::Language;

/// Kind of event, texts. Kinds that are no line of a report have none.
pub const HAPPENED: &[(EventKind, Texts)] = &[
    (EventKind::ConsentRecorded, ["登记授权书", "登記同意書", "registo do consentimento", "consent recorded"]),
    (EventKind::ConsentCompleted, ["补签授权书", "補簽同意書", "consentimento completado", "consent completed"]),
    (EventKind::ConsentGranted, ["授权书生效", "同意書生效", "consentimento em vigor", "consent in force"]),
    (EventKind::ConsentRevoked, ["撤回授权", "撤回同意", "revogação do consentimento", "consent withdrawn"]),
    (EventKind::ConsentClosed, ["授权结案", "同意書結案", "encerramento do consentimento", "consent closed"]),
    (EventKind::ConsentExpired, ["授权到期", "同意書屆滿", "caducidade do consentimento", "consent expired"]),
    (
        EventKind::ConsentReviewDue,
        [
            "授权书因年龄须复核",
            "同意書因年齡須覆核",
            "consentimento a rever pela idade",
            "consent to be reviewed by age",
        ],
    ),
    (
        EventKind::RequestDrafted,
        ["拟稿协查", "擬備協助核實請求", "pedido de verificação preparado", "verification drafted"],
    ),
    (
        EventKind::RequestSubmitted,
        ["发出协查", "發出協助核實請求", "pedido de verificação enviado", "verification asked"],
    ),
    (EventKind::RequestAccepted, ["受理协查", "受理協助核實請求", "pedido aceite", "verification accepted"]),
    (EventKind::RequestRefused, ["拒绝协查", "拒絕協助核實請求", "pedido recusado", "verification refused"]),
    (
        EventKind::ClarificationRequested,
        ["请求补充说明", "要求補充說明", "pedido de esclarecimento", "clarification asked"],
    ),
    (EventKind::ClarificationAnswered, ["已补充说明", "已補充說明", "esclarecimento prestado", "clarification given"]),
    (EventKind::ReplySent, ["发出答复", "發出回覆", "resposta enviada", "reply sent"]),
    (EventKind::ReplyCorrected, ["更正答复", "更正回覆", "resposta corrigida", "reply corrected"]),
    (EventKind::AnswerRecalled, ["收回答复", "收回回覆", "resposta retirada", "answer recalled"]),
    (
        EventKind::ReplyUsed,
        ["答复用于决定", "回覆用於決定", "resposta usada numa decisão", "reply used for a decision"],
    ),
    (EventKind::RequestWithdrawn, ["撤回协查", "撤回協助核實請求", "pedido retirado", "verification withdrawn"]),
    (EventKind::RequestClosed, ["协查结案", "協助核實結案", "pedido encerrado", "verification closed"]),
    (EventKind::LookupAsked, ["提出联网查询", "提出聯網查詢", "consulta em linha enviada", "live question asked"]),
    (
        EventKind::LookupPermitted,
        ["放行联网查询", "放行聯網查詢", "consulta em linha autorizada", "live question permitted"],
    ),
    (EventKind::LookupDenied, ["拒绝联网查询", "拒絕聯網查詢", "consulta em linha recusada", "live question denied"]),
    (
        EventKind::LookupAnswered,
        ["答复联网查询", "回覆聯網查詢", "consulta em linha respondida", "live question answered"],
    ),
    (
        EventKind::LookupClosed,
        ["收到联网查询结果", "收到聯網查詢結果", "resultado da consulta recebido", "outcome of the live question"],
    ),
    (
        EventKind::BatchPrepared,
        ["编入定期通报", "編入定期通報", "inscrição numa comunicação periódica", "listed for a notice"],
    ),
    (EventKind::BatchApproved, ["复核定期通报", "覆核定期通報", "comunicação periódica aprovada", "notice approved"]),
    (EventKind::BatchSent, ["发出定期通报", "發出定期通報", "comunicação periódica enviada", "named in a notice"]),
    (EventKind::EntryMatched, ["通报核对相符", "通報核對相符", "comunicação confirmada", "notice matched"]),
    (EventKind::EntryDisputed, ["通报有异议", "通報有異議", "comunicação contestada", "notice disputed"]),
    (EventKind::EntryCorrected, ["更正通报", "更正通報", "comunicação corrigida", "notice corrected"]),
    (EventKind::EntryWithdrawn, ["撤回通报", "撤回通報", "comunicação retirada", "notice withdrawn"]),
    (EventKind::UrgentRaised, ["发出紧急通报", "發出緊急通報", "comunicação urgente emitida", "urgent notice raised"]),
    (
        EventKind::UrgentDelivered,
        ["紧急通报送达", "緊急通報送達", "comunicação urgente entregue", "urgent notice arrived"],
    ),
    (
        EventKind::UrgentAcked,
        ["确认收到紧急通报", "確認收悉緊急通報", "recepção confirmada", "urgent notice acknowledged"],
    ),
    (EventKind::UrgentTakenOver, ["接手处理", "接手處理", "caso assumido", "case taken over"]),
    (EventKind::ActionReported, ["报告已采取的行动", "報告已採取的行動", "acções comunicadas", "actions reported"]),
    (
        EventKind::UrgentClosed,
        ["紧急通报结束", "緊急通報結束", "comunicação urgente encerrada", "urgent notice closed"],
    ),
    (
        EventKind::JustificationFiled,
        ["补交书面理由", "補交書面理由", "justificação apresentada", "justification filed"],
    ),
    (
        EventKind::JustificationReviewed,
        ["审查书面理由", "審查書面理由", "justificação apreciada", "justification reviewed"],
    ),
    (
        EventKind::UrgentEscalated,
        ["紧急通报逐级上报", "緊急通報逐級上報", "comunicação urgente escalada", "urgent notice taken up"],
    ),
    (EventKind::UrgentActionOverdue, ["逾期未采取行动", "逾期未採取行動", "acção em atraso", "action overdue"]),
    (
        EventKind::JustificationOverdue,
        ["逾期未交理由", "逾期未交理由", "justificação em atraso", "justification overdue"],
    ),
    (EventKind::UrgentRelayedByPhone, ["电话转告", "電話轉告", "transmitido por telefone", "told by phone"]),
    (EventKind::SubjectInformed, ["已告知当事人", "已告知當事人", "titular informado", "person informed"]),
    (EventKind::MandateRecorded, ["登记代办委托", "登記代辦委託", "mandato registado", "mandate recorded"]),
    (EventKind::MandateRevoked, ["撤回代办委托", "撤回代辦委託", "mandato revogado", "mandate withdrawn"]),
    (
        EventKind::CandidateFound,
        [
            "双重领取核对发现重合",
            "雙重領取核對發現重合",
            "coincidência encontrada na verificação de duplicação",
            "overlap found in a double-benefit check",
        ],
    ),
    (EventKind::OverlapConfirmed, ["确认为同一人", "確認為同一人", "coincidência confirmada", "overlap confirmed"]),
    (EventKind::OverlapDismissed, ["排除重合", "排除重合", "coincidência afastada", "overlap dismissed"]),
    (EventKind::OverlapAssessed, ["评估重合", "評估重合", "coincidência apreciada", "overlap assessed"]),
    (EventKind::HearingInvited, ["邀请陈述", "邀請陳述", "convite para audição", "invited to be heard"]),
    (EventKind::StatementRecorded, ["听取陈述", "聽取陳述", "declaração registada", "statement recorded"]),
    (EventKind::OwnDecisionNotified, ["告知决定", "告知決定", "decisão notificada", "decision notified"]),
    (EventKind::AccessRecorded, ["查看", "查閱", "consulta", "read"]),
    (
        EventKind::CaseNominated,
        ["提请个案会商", "提請個案會商", "caso proposto para conferência", "case put before a conference"],
    ),
    (
        EventKind::PartyInvited,
        [
            "邀请参加个案会商",
            "邀請參加個案會商",
            "parte convidada para a conferência",
            "party invited to the conference",
        ],
    ),
    (
        EventKind::ParticipantsNamed,
        ["指定个案会商人员", "指定個案會商人員", "participantes designados", "officers named for the conference"],
    ),
    (
        EventKind::OpinionSubmitted,
        ["提出会商意见", "提出會商意見", "parecer apresentado", "opinion given in the conference"],
    ),
    (EventKind::CaseConcluded, ["个案会商结束", "個案會商結束", "conferência concluída", "conference concluded"]),
    (EventKind::FollowUpAssigned, ["指定跟进事项", "指定跟進事項", "seguimento atribuído", "follow-up assigned"]),
    (EventKind::FollowUpClosed, ["跟进事项完成", "跟進事項完成", "seguimento concluído", "follow-up closed"]),
];

/// Returns the text of a kind; none when it is no line of a report.
#[must_use]
pub fn happened_text(kind: EventKind, language: Language) -> Option<&'static str> {
    HAPPENED.iter().find(|(of, _)| *of == kind).map(|(_, texts)| in_language(*texts, language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_there_once() {
        let kinds: std::collections::BTreeSet<_> = HAPPENED.iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds.len(), HAPPENED.len());
        assert_eq!(happened_text(EventKind::LookupDenied, Language::Pt), Some("consulta em linha recusada"));
        assert_eq!(happened_text(EventKind::OfficerEnrolled, Language::Pt), None);
    }
}
