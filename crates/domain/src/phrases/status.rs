//! Statuses of cases, by the code the API publishes.

use super::{Texts, in_language};
use crate::purpose::Language;

/// Kind of case, published code, texts. The kind is the name of the status in the API's document without `State`.
pub const STATUS_CODES: &[(&str, &str, Texts)] = &[
    ("Batch", "prepared", ["已编制", "已編製", "preparada", "prepared"]),
    ("Batch", "approved", ["已复核", "已覆核", "aprovada", "approved"]),
    ("Batch", "sent", ["已发出", "已發出", "enviada", "sent"]),
    ("Batch", "delivered", ["已送达", "已送達", "entregue", "delivered"]),
    ("Batch", "acknowledged", ["已签收", "已簽收", "confirmada", "acknowledged"]),
    ("Batch", "discarded", ["已作废", "已作廢", "abandonada", "discarded"]),
    ("Urgent", "raised", ["已发出", "已發出", "emitida", "raised"]),
    ("Urgent", "acknowledged", ["已确认收到", "已確認收悉", "recepção confirmada", "acknowledged"]),
    ("Urgent", "taken_over", ["已接手", "已接手", "assumida", "taken over"]),
    ("Urgent", "closed", ["已结束", "已結束", "encerrada", "closed"]),
    ("Urgent", "justified", ["已补交书面理由", "已補交書面理由", "justificada", "justified"]),
    ("Urgent", "reviewed", ["理由已审查", "理由已審查", "justificação apreciada", "justification reviewed"]),
    ("Consent", "incomplete", ["待补签", "待補簽", "incompleto", "incomplete"]),
    (
        "Consent",
        "recorded",
        ["已登记，待复核", "已登記，待覆核", "registado, por contra-assinar", "recorded, to be countersigned"],
    ),
    ("Consent", "granted", ["有效", "有效", "em vigor", "in force"]),
    ("Consent", "revoked", ["已撤回", "已撤回", "revogado", "revoked"]),
    ("Consent", "partly_revoked", ["部分撤回", "部分撤回", "revogado em parte", "partly revoked"]),
    ("Consent", "expired", ["已到期", "已屆滿", "caducado", "expired"]),
    ("Consent", "closed", ["已结案", "已結案", "encerrado", "closed"]),
    ("Consent", "used_up", ["次数已用完", "次數已用完", "utilizações esgotadas", "used up"]),
    ("Consent", "discarded", ["已作废", "已作廢", "abandonado", "discarded"]),
    ("Verification", "drafted", ["已拟稿", "已擬稿", "em projecto", "drafted"]),
    ("Verification", "submitted", ["已提交", "已提交", "submetido", "submitted"]),
    ("Verification", "accepted", ["已受理", "已受理", "aceite", "accepted"]),
    ("Verification", "refused", ["已拒绝", "已拒絕", "recusado", "refused"]),
    ("Verification", "replied", ["已答复", "已回覆", "respondido", "replied"]),
    ("Verification", "used", ["已用于决定", "已用於決定", "utilizado numa decisão", "used for a decision"]),
    ("Verification", "partly_replied", ["部分已答复", "部分已回覆", "respondido em parte", "partly replied"]),
    ("Verification", "withdrawn", ["已撤回申请", "已撤回申請", "retirado", "withdrawn"]),
    ("Verification", "closed", ["已结案", "已結案", "encerrado", "closed"]),
    ("Verification", "discarded", ["已作废", "已作廢", "abandonado", "discarded"]),
    ("Lookup", "asked", ["已提问", "已提問", "consulta enviada", "asked"]),
    ("Lookup", "permitted", ["已放行", "已放行", "autorizada", "permitted"]),
    ("Lookup", "answered", ["已答复", "已回覆", "respondida", "answered"]),
    ("Lookup", "denied", ["已拒绝", "已拒絕", "recusada", "denied"]),
    ("Lookup", "unreachable", ["对方未回应", "對方未回應", "sem resposta", "no answer came"]),
    ("Mandate", "recorded", ["有效", "有效", "em vigor", "in force"]),
    ("Mandate", "revoked", ["已撤回", "已撤回", "revogado", "revoked"]),
    ("Month", "sent", ["已发出", "已發出", "enviada", "sent"]),
    ("Month", "due", ["待发出", "待發出", "por enviar", "due"]),
    ("Month", "missing", ["逾期未发", "逾期未發", "em falta", "missing"]),
    ("Month", "unknown", ["期限不明", "期限不明", "prazo desconhecido", "unknown"]),
    ("Question", "open", ["待答复", "待回覆", "por responder", "open"]),
    ("Question", "replied", ["已答复", "已回覆", "respondida", "replied"]),
    (
        "Question",
        "recalled",
        ["已收回，不得使用", "已收回，不得使用", "retirada, não utilizar", "recalled, not to be used"],
    ),
    (
        "Question",
        "refused_after_revocation",
        ["授权撤回后拒答", "同意撤回後拒答", "recusada após revogação do consentimento", "refused after revocation"],
    ),
    ("Task", "open", ["未开始", "未開始", "por iniciar", "open"]),
    ("Task", "in_progress", ["进行中", "進行中", "em curso", "in progress"]),
    ("Task", "completed", ["已完成", "已完成", "concluída", "completed"]),
    ("Officer", "enrolled", ["已登记", "已登記", "inscrito", "enrolled"]),
    ("Officer", "appointed", ["已任命", "已委任", "nomeado", "appointed"]),
    ("Officer", "stopped", ["已停用", "已停用", "suspenso", "stopped"]),
    (
        "Conference",
        "to_name",
        ["待指定参与人员", "待指定參與人員", "participantes por designar", "participants to be named"],
    ),
    ("Conference", "open", ["研判中", "研判中", "em análise", "open"]),
    ("Conference", "concluded", ["已结论", "已結論", "concluída", "concluded"]),
    ("MatchRun", "proposed", ["待授权", "待授權", "por autorizar", "proposed"]),
    ("MatchRun", "authorised", ["已授权", "已授權", "autorizada", "authorised"]),
    ("MatchRun", "begun", ["进行中", "進行中", "em curso", "begun"]),
    ("MatchRun", "executed", ["已完成", "已完成", "concluída", "executed"]),
    ("MatchRun", "failed", ["未成功", "未成功", "sem resultado", "failed"]),
    ("Candidate", "unconfirmed", ["待确认", "待確認", "por confirmar", "unconfirmed"]),
    ("Candidate", "confirmed", ["已确认为同一人", "已確認為同一人", "confirmado", "confirmed"]),
    ("Candidate", "dismissed", ["已排除", "已排除", "afastado", "dismissed"]),
    ("Candidate", "sealed", ["已封存", "已封存", "selado", "sealed"]),
    ("Candidate", "lawful", ["合规", "合規", "lícito", "lawful"]),
    ("Candidate", "to_clarify", ["待核实", "待核實", "por esclarecer", "to be clarified"]),
    ("Candidate", "invited", ["已邀请陈述", "已邀請陳述", "convidado a ser ouvido", "invited to be heard"]),
    ("Candidate", "heard", ["已听取陈述", "已聽取陳述", "ouvido", "heard"]),
    ("Candidate", "clarified", ["已澄清", "已澄清", "esclarecido", "clarified"]),
    ("Erasure", "proposed", ["待下令", "待下令", "por ordenar", "to be ordered"]),
    (
        "Erasure",
        "ordered",
        ["已下令，待各方确认", "已下令，待各方確認", "ordenado, por confirmar", "ordered, to be confirmed"],
    ),
    (
        "Erasure",
        "requested",
        ["已请求删除，待答复", "已請求刪除，待回覆", "apagamento pedido, por responder", "requested, to be answered"],
    ),
    (
        "Erasure",
        "request_overdue",
        ["逾期未答复", "逾期未回覆", "resposta ao pedido em atraso", "answer to the request overdue"],
    ),
    ("Erasure", "refused", ["已拒绝删除请求", "已拒絕刪除請求", "pedido de apagamento recusado", "request refused"]),
    ("Erasure", "overdue", ["逾期未确认", "逾期未確認", "confirmação em atraso", "confirmation overdue"]),
    (
        "Erasure",
        "confirmed",
        ["已删除，各方已确认", "已刪除，各方已確認", "apagado e confirmado", "erased, confirmed by all"],
    ),
    ("Mandate", "ended", ["已到期", "已屆滿", "caducado", "ended"]),
    ("Entry", "accepted", ["已受理", "已受理", "aceite", "accepted"]),
    ("Entry", "witnessed", ["已见证", "已見證", "testemunhada", "witnessed"]),
];

/// Returns the text of a status; none when the catalogue does not know the code.
#[must_use]
pub fn status_text(case: &str, code: &str, language: Language) -> Option<&'static str> {
    let found = STATUS_CODES.iter().find(|(of, name, _)| *of == case && *name == code);
    found.map(|(_, _, texts)| in_language(*texts, language))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_found_by_its_code_once() {
        assert_eq!(status_text("Consent", "revoked", Language::Pt), Some("revogado"));
        assert_eq!(status_text("Consent", "lost", Language::Pt), None);
        let codes: std::collections::BTreeSet<_> = STATUS_CODES.iter().map(|(case, code, _)| (case, code)).collect();
        assert_eq!(codes.len(), STATUS_CODES.len());
    }
}
