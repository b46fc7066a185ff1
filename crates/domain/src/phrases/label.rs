//! Headings, labels and sentences of receipts and reports.

use super::{Phrase, Texts};

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident [$hans:literal, $hant:literal, $pt:literal, $en:literal],)*) => {
        /// A phrase of a receipt or a report.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Label {
            $($(#[$doc])* $name,)*
        }

        impl Label {
            /// Every label.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
        }

        impl Phrase for Label {
            fn texts(&self) -> Texts {
                match self { $(Self::$name => [$hans, $hant, $pt, $en],)* }
            }
        }
    };
}

labels! {
    /// Title of the receipt of a consent.
    ConsentReceipt ["授权书回执", "同意書收據", "Recibo da declaração de consentimento", "Receipt of a consent"],
    /// Title of the receipt of a verification.
    VerificationReceipt ["协查回执", "協助核實收據", "Recibo da cooperação na verificação", "Receipt of a verification"],
    /// Title of the receipt of a lookup.
    LookupReceipt ["查询回执", "查詢收據", "Recibo de consulta", "Receipt of a lookup"],
    /// Title of the report on who looked.
    WhoLookedReport ["谁查看过资料", "誰查閱過資料", "Quem consultou os dados", "Who looked at the data"],
    /// Number of the case.
    Number ["编号", "編號", "Número", "Number"],
    /// Status.
    Status ["状态", "狀態", "Estado", "Status"],
    /// The party where the letter was signed.
    SignedAt ["签署处", "簽署處", "Assinado junto de", "Signed at"],
    /// Who asks.
    AskedBy ["查询方", "查詢方", "Entidade solicitante", "Asked by"],
    /// Who was asked.
    AskedOf ["被查询方", "被查詢方", "Entidade consultada", "Asked of"],
    /// What for.
    PurposeOf ["用途", "目的", "Finalidade", "Purpose"],
    /// What may be asked, or was asked.
    Items ["查询项目", "查詢項目", "Elementos", "Items"],
    /// Items consented to separately.
    Separate ["单独同意的项目", "明確同意的項目", "Elementos com consentimento inequívoco", "Items consented to separately"],
    /// Who signed.
    SignedBy ["签署人", "簽署人", "Assinado por", "Signed by"],
    /// Whom it is about.
    About ["涉及", "涉及", "Sobre", "About"],
    /// Digest of the signed letter.
    Letter ["授权书校验码（SHA-256）", "同意書核對碼（SHA-256）", "Código de verificação da declaração (SHA-256)", "Check code of the letter (SHA-256)"],
    /// From when.
    From ["起", "由", "Desde", "From"],
    /// Until when.
    Until ["至（不含）", "至（不含）", "Até (exclusive)", "Until (not including)"],
    /// How often it may be used.
    Uses ["可用次数", "可用次數", "Número de utilizações", "Uses"],
    /// When something was asked.
    AskedAt ["提出时间", "提出時間", "Perguntado em", "Asked at"],
    /// When it was answered.
    AnsweredAt ["答复时间", "回覆時間", "Respondido em", "Answered at"],
    /// Why it was refused.
    RefusedFor ["拒绝原因", "拒絕原因", "Motivo da recusa", "Refused because"],
    /// On which consent.
    OnConsent ["依据授权书", "依據同意書", "Com base no consentimento", "On the consent"],
    /// Nothing yet.
    NotYet ["尚无", "暫無", "ainda não", "not yet"],
    /// A person of the letter.
    Person ["人员", "人士", "Pessoa", "Person"],
    /// What is still missing.
    Missing ["尚缺", "尚欠", "Em falta", "Still missing"],
    /// How to withdraw.
    HowToRevoke [
        "您可以随时撤回授权：亲自到任何一方的窗口，或寄交签名的信件。撤回后不再答复任何查询；撤回前的答复仍然有效。",
        "閣下可隨時撤回同意：親臨任何一方的櫃位，或寄交已簽名的信件。撤回後不再回覆任何查詢；撤回前的回覆仍然有效。",
        "Pode revogar o consentimento a qualquer momento: pessoalmente, ao balcão de qualquer das partes, ou por carta assinada. Depois da revogação nada mais é respondido; as respostas anteriores mantêm-se válidas.",
        "You may withdraw the consent at any time: in person at the counter of any of the parties, or by a signed letter. After that nothing more is answered; earlier answers stay valid."
    ],
    /// What the QR code is.
    AboutQr [
        "二维码是授权凭证，不含您的姓名和证件号码的明文；请妥善保管。",
        "二維碼是同意憑證，不含閣下姓名及證件號碼的明文；請妥善保管。",
        "O código QR é a credencial do consentimento; não contém o seu nome nem o número do documento em texto legível. Guarde-o bem.",
        "The QR code is the token of the consent. It does not hold your name or document number in readable form. Keep it safe."
    ],
    /// Answers are not on the receipt.
    AnswersOnRequest [
        "本回执不含答复内容；您可以要求查阅关于您本人的答复。",
        "本收據不含回覆內容；閣下可要求查閱關於本人的回覆。",
        "Este recibo não contém as respostas; pode pedir para consultar as que lhe dizem respeito.",
        "This receipt does not hold the answers. You may ask to see those about yourself."
    ],
    /// Looks at other parties are in their logs.
    OwnLogOnly [
        "这里只列出本方的查看和本方已知的查询；其他各方的查看由该方的日志答复。",
        "此處只列出本方的查閱及本方已知的查詢；其他各方的查閱由該方的日誌答覆。",
        "Constam aqui apenas as consultas desta parte e as perguntas de que esta tem conhecimento; as consultas feitas pelas outras partes constam dos registos destas.",
        "Only looks at this party, and questions this party knows of, are listed. Looks at the other parties are in those parties' logs."
    ],
    /// Nobody looked.
    NobodyLooked ["没有人查看过。", "沒有人查閱過。", "Ninguém consultou.", "Nobody looked."],
    /// A look at a batch.
    LookedAtNotice ["查看通报", "查閱通報", "consulta de uma comunicação", "read a notice"],
    /// A look at an urgent notice.
    LookedAtUrgent ["查看紧急通报", "查閱緊急通報", "consulta de uma comunicação urgente", "read an urgent notice"],
    /// A look at a consent.
    LookedAtConsent ["查看授权书", "查閱同意書", "consulta de um consentimento", "read a consent"],
    /// A look at a verification.
    LookedAtRequest ["查看协查", "查閱協助核實個案", "consulta de uma verificação", "read a verification"],
    /// A live question.
    LookedAtLookup ["联网查询", "聯網查詢", "consulta em linha", "live lookup"],
    /// A look at a mandate.
    LookedAtMandate ["查看代办委托", "查閱代辦委託", "consulta de um mandato", "read a mandate"],
    /// A look at a matching run.
    LookedAtMatchRun ["查看双重领取核对", "查閱雙重領取核對", "consulta de verificação de duplicação de apoios", "read a double-benefit check"],
    /// A look at a case conference.
    LookedAtConference ["查看重点个案研判", "查閱重點個案研判", "consulta de análise conjunta de caso prioritário", "read a key case conference"],
    /// An earlier report.
    LookedAtReport ["查看本报告", "查閱本報告", "consulta deste relatório", "read this report"],
    /// Why.
    Reason ["理由", "理由", "Motivo", "Reason"],
    /// Who withdrew a consent.
    WithdrawnBy ["撤回人", "撤回人", "Revogado por", "Withdrawn by"],
    /// The date an answer holds for.
    AsOf ["截至", "截至", "à data de", "as of"],
    /// Sources that were searched.
    Searched ["已查来源", "已查來源", "fontes consultadas", "searched"],
    /// Sources that were not searched.
    NotSearched ["未查来源", "未查來源", "fontes não consultadas", "not searched"],
    /// What was not told.
    NotShared ["未提供", "未提供", "não partilhado", "not shared"],
    /// The range was not told.
    RangeNotTold ["区间", "範圍區間", "o intervalo", "the range"],
    /// The exact value was not told.
    ExactNotTold ["具体数值", "實際數值", "o valor exacto", "the exact value"],
    /// A question was refused.
    NothingTold ["已拒绝，未提供任何内容", "已拒絕，未提供任何內容", "recusado, nada foi partilhado", "refused, nothing was told"],
    /// A question was not answered so far.
    NotAnswered ["未答复", "未回覆", "sem resposta", "not answered"],
    /// An answer was recalled.
    WasRecalled ["答复已收回，不得使用", "回覆已收回，不得使用", "resposta retirada, não utilizável", "answer recalled, not to be used"],
    /// An answer is for whom it is about.
    ForThemselves ["已答复，内容只向其本人和为其签署的人提供", "已回覆，內容只向其本人及代其簽署的人提供", "respondido; a resposta é só para o próprio e para quem assinou por ele", "answered; the answer is only for that person and for who signed for them"],
    /// The person was not named in a notice.
    NotNamed ["无法律依据，未向对方通报", "無法律依據，未向對方通報", "sem base legal, não comunicado", "no legal basis, not named to the other party"],
    /// Place in a log.
    LogEntry ["日志条目", "日誌條目", "Entrada do registo", "Log entry"],
    /// A peer has cosigned a checkpoint that covers an entry.
    WitnessedBy ["见证方", "見證方", "Testemunhado por", "Witnessed by"],
    /// Nobody has yet.
    NotWitnessedYet ["已收存，尚待他方见证", "已收存，尚待他方見證", "registado, ainda sem testemunha", "recorded, not yet witnessed"],
    /// Title of the subject report.
    SubjectReport ["与本户有关的全部记载", "與本戶有關的全部紀錄", "Tudo o que diz respeito ao agregado", "Everything that concerned the household"],
    /// Nothing concerned them.
    NothingHappened ["没有与本户有关的记载。", "沒有與本戶有關的紀錄。", "Nada diz respeito ao agregado.", "Nothing concerned the household."],
    /// What other parties were told is in their reports.
    KnownHereOnly [
        "这里列出本方作出和本方被告知的全部内容；其他各方内部的步骤由该方出具。",
        "此處列出本方作出及本方獲告知的全部內容；其他各方內部的步驟由該方發出。",
        "Consta aqui tudo o que esta parte fez e tudo o que lhe foi comunicado; os passos internos das outras partes constam dos relatórios destas.",
        "Everything this party did and was told is listed. What the other parties did within their own house is in their reports."
    ],
    /// Children's files are apart.
    ChildrenApart [
        "未成年人的资料只向其本人和为其签署的人出具。",
        "未成年人的資料只向其本人及代其簽署的人發出。",
        "O processo de um menor só é entregue ao próprio e a quem assinou por ele.",
        "A child's file is handed out only to the child and to who signed for it."
    ],
    /// How a line is proven.
    ProofOfLine [
        "每一行都注明日志条目；凭编号可在该方窗口索取该条目的证明。",
        "每一行都註明日誌條目；憑編號可在該方櫃位索取該條目的證明。",
        "Cada linha indica a entrada do registo; com o número pode pedir a prova dessa entrada ao balcão da respectiva parte.",
        "Each line names its log entry; with the number its proof can be asked for at that party's counter."
    ],
    /// How the entries of a receipt are proven.
    ProofOfEntry [
        "凭日志条目编号可在该方窗口索取证明；经他方见证的条目，任何一方都无法私自删改。",
        "憑日誌條目編號可在該方櫃位索取證明；經他方見證的條目，任何一方均無法私自刪改。",
        "Com o número da entrada pode pedir a prova ao balcão dessa parte; o que foi testemunhado por outra parte ninguém pode apagar ou alterar sem se notar.",
        "With the number of the log entry its proof can be asked for at that party's counter. What another party has witnessed, nobody can remove or change unnoticed."
    ],
    /// Answers on a receipt are one's own.
    OwnAnswers [
        "答复应您的要求列出，只供您本人；请妥善保管。",
        "回覆應閣下要求列出，只供閣下本人；請妥善保管。",
        "As respostas constam a seu pedido e são só para si; guarde-as bem.",
        "The answers are here because you asked for them, and for you alone. Keep them safe."
    ],
}
