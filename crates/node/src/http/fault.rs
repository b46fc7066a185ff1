//! Problems that no rule of the domain names: the request can't be read, or the service can't answer.
//!
//! The texts stand here in all languages of the exchange, as those of refusals stand in the domain's catalogue.

use axum::http::StatusCode;
use tongcha_domain::purpose::Language;

/// A problem of the request itself, or of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// No token, or none that is known.
    Unauthenticated,
    /// The request can't be read.
    BadRequest,
    /// The body is too long.
    BodyTooLarge,
    /// The body is of another kind than the operation takes.
    UnsupportedMediaType,
    /// There is no such path.
    NoRoute,
    /// The path does not take the method.
    MethodNotAllowed,
    /// The register file has errors.
    RegisterFile,
    /// The file of a batch has errors.
    BatchFile,
    /// The request took too long.
    Timeout,
    /// The service can't answer now.
    ServiceUnavailable,
    /// The own log lacks entries that a peer holds; nothing is written until it is restored.
    OwnLogIncomplete,
    /// No peer has confirmed yet that the own log is complete; nothing is written before.
    OwnLogUnconfirmed,
    /// The service failed.
    Internal,
}

/// Title and next step in one language.
type Text = (&'static str, &'static str);

impl Fault {
    /// Every fault.
    #[cfg(test)]
    pub(super) const ALL: [Self; 13] = [
        Self::Unauthenticated,
        Self::BadRequest,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::NoRoute,
        Self::MethodNotAllowed,
        Self::RegisterFile,
        Self::BatchFile,
        Self::Timeout,
        Self::ServiceUnavailable,
        Self::OwnLogIncomplete,
        Self::OwnLogUnconfirmed,
        Self::Internal,
    ];

    /// Returns the published code.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::BadRequest => "BAD_REQUEST",
            Self::BodyTooLarge => "BODY_TOO_LARGE",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::NoRoute => "NOT_FOUND",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::RegisterFile => "REGISTER_FILE_REFUSED",
            Self::BatchFile => "BATCH_FILE_REFUSED",
            Self::Timeout => "TIMEOUT",
            Self::ServiceUnavailable => "SERVICE_UNAVAILABLE",
            Self::OwnLogIncomplete => "OWN_LOG_INCOMPLETE",
            Self::OwnLogUnconfirmed => "OWN_LOG_UNCONFIRMED",
            Self::Internal => "INTERNAL",
        }
    }

    /// Returns the HTTP status.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NoRoute => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RegisterFile | Self::BatchFile => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Timeout | Self::ServiceUnavailable | Self::OwnLogIncomplete | Self::OwnLogUnconfirmed => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns where the rule comes from.
    pub(super) fn rule(self) -> &'static str {
        match self {
            Self::Unauthenticated => "RFC 6750",
            Self::BadRequest => "RFC 8259; the OpenAPI document of this service",
            Self::BodyTooLarge | Self::Timeout => "limits of the exchange",
            Self::UnsupportedMediaType | Self::NoRoute | Self::MethodNotAllowed => {
                "RFC 9110 §15.5; the OpenAPI document of this service"
            }
            Self::RegisterFile => "columns of the register file: tests/data/register/README.md",
            Self::BatchFile => "columns of a batch: an exported batch has them in its first row",
            Self::ServiceUnavailable => "nothing is answered in doubt",
            Self::OwnLogIncomplete | Self::OwnLogUnconfirmed => "no entry's number is given twice",
            Self::Internal => "a fault of the service, not of the request",
        }
    }

    /// Returns what is wrong, in one line without a full stop.
    pub(super) fn title(self, language: Language) -> &'static str {
        self.text(language).0
    }

    /// Returns what the caller can do about it, in full sentences.
    pub(super) fn next_step(self, language: Language) -> &'static str {
        self.text(language).1
    }

    fn text(self, language: Language) -> Text {
        match language {
            Language::ZhHans => self.zh_hans(),
            Language::ZhHant => self.zh_hant(),
            Language::Pt => self.pt(),
            Language::En => self.en(),
        }
    }

    fn en(self) -> Text {
        match self {
            Self::Unauthenticated => (
                "The caller is not known",
                "Send the officer's token in the header Authorization, after the word Bearer. A lost token is replaced by the administrator.",
            ),
            Self::BadRequest => (
                "The request can't be read",
                "Correct the place that is named and send the request again. The OpenAPI document shows the form.",
            ),
            Self::BodyTooLarge => {
                ("The request is too long", "Send less at once: shorter texts, or fewer entries in several requests.")
            }
            Self::UnsupportedMediaType => (
                "The body is of a kind that is not taken here",
                "Send the header Content-Type that the OpenAPI document names for this operation.",
            ),
            Self::NoRoute => ("There is nothing at this address", "Compare the address with the OpenAPI document."),
            Self::MethodNotAllowed => {
                ("This address does not take the method", "Use a method that the header Allow of this answer names.")
            }
            Self::BatchFile => (
                "The file of the batch has errors, and nothing of it was taken",
                "Correct the cells that are named by row and column, and send the whole file again.",
            ),
            Self::RegisterFile => (
                "The register file has errors, and nothing of it was taken",
                "Correct the rows that are named in the case system, export the file again and import it again.",
            ),
            Self::Timeout => (
                "The request took too long",
                "What was commanded may have been done all the same. Send it again with the same Idempotency-Key: it is done once.",
            ),
            Self::ServiceUnavailable => (
                "The service can't answer now",
                "Try again in a moment. If it stays so, tell the administrator; the readiness check says what is missing.",
            ),
            Self::OwnLogIncomplete => (
                "This party's log lacks entries that another party holds, so nothing is written",
                "Tell the administrator at once: the service is stopped and the log is restored with the command recover. Then send the command again.",
            ),
            Self::OwnLogUnconfirmed => (
                "No other party has confirmed yet that this party's log is complete, so nothing is written",
                "Try again in a moment. If it stays so, tell the administrator: the other parties can't be reached.",
            ),
            Self::Internal => (
                "The service failed",
                "Tell the administrator the request id. A command can be sent again with the same Idempotency-Key.",
            ),
        }
    }

    fn zh_hans(self) -> Text {
        match self {
            Self::Unauthenticated => (
                "未能识别调用者身份",
                "请在 Authorization 标头中以 Bearer 方式提交本人令牌。令牌遗失请由系统管理员重新签发。",
            ),
            Self::BadRequest => ("请求无法读取", "请改正所指明的位置后重新提交。格式见 OpenAPI 文档。"),
            Self::BodyTooLarge => ("请求内容过大", "请缩短文字，或减少条目并分次提交。"),
            Self::UnsupportedMediaType => {
                ("此处不接受该类型的内容", "请按 OpenAPI 文档为该操作填写 Content-Type 标头。")
            }
            Self::NoRoute => ("该地址不存在", "请对照 OpenAPI 文档核对地址。"),
            Self::MethodNotAllowed => ("该地址不接受此方法", "请使用本答复 Allow 标头所列的方法。"),
            Self::BatchFile => ("通报文件有误，内容一概未导入", "请按所列的行和列改正，再重新提交整个文件。"),
            Self::RegisterFile => {
                ("登记文件有误，内容一概未导入", "请在业务系统中改正所列各行，重新导出文件后再导入。")
            }
            Self::Timeout => {
                ("请求处理超时", "所发指令可能已经执行。请以同一 Idempotency-Key 重新提交，不会重复执行。")
            }
            Self::ServiceUnavailable => {
                ("服务暂时无法答复", "请稍后再试。如持续如此，请告知系统管理员；就绪检查会说明缺少什么。")
            }
            Self::OwnLogIncomplete => (
                "本方日志缺少他方已持有的记录，现停止写入",
                "请立即告知系统管理员：须停止服务，并以 recover 命令恢复日志，之后再重新提交指令。",
            ),
            Self::OwnLogUnconfirmed => (
                "尚无他方确认本方日志完整，现停止写入",
                "请稍后再试。如持续如此，请告知系统管理员：无法与他方取得联系。",
            ),
            Self::Internal => ("服务发生故障", "请将请求编号告知系统管理员。指令可以同一 Idempotency-Key 重新提交。"),
        }
    }

    fn zh_hant(self) -> Text {
        match self {
            Self::Unauthenticated => (
                "未能識別呼叫者身份",
                "請在 Authorization 標頭中以 Bearer 方式提交本人權杖。權杖遺失請由系統管理員重新簽發。",
            ),
            Self::BadRequest => ("請求無法讀取", "請改正所指明的位置後重新提交。格式見 OpenAPI 文件。"),
            Self::BodyTooLarge => ("請求內容過大", "請縮短文字，或減少條目並分次提交。"),
            Self::UnsupportedMediaType => {
                ("此處不接受該類型的內容", "請按 OpenAPI 文件為該操作填寫 Content-Type 標頭。")
            }
            Self::NoRoute => ("該地址不存在", "請對照 OpenAPI 文件核對地址。"),
            Self::MethodNotAllowed => ("該地址不接受此方法", "請使用本答覆 Allow 標頭所列的方法。"),
            Self::BatchFile => ("通報檔案有誤，內容一概未匯入", "請按所列的行和列改正，再重新提交整個檔案。"),
            Self::RegisterFile => {
                ("登記檔案有誤，內容一概未匯入", "請在業務系統中改正所列各行，重新匯出檔案後再匯入。")
            }
            Self::Timeout => {
                ("請求處理逾時", "所發指令可能已經執行。請以同一 Idempotency-Key 重新提交，不會重複執行。")
            }
            Self::ServiceUnavailable => {
                ("服務暫時無法答覆", "請稍後再試。如持續如此，請告知系統管理員；就緒檢查會說明缺少甚麼。")
            }
            Self::OwnLogIncomplete => (
                "本方日誌缺少他方已持有的記錄，現停止寫入",
                "請立即告知系統管理員：須停止服務，並以 recover 指令恢復日誌，之後再重新提交。",
            ),
            Self::OwnLogUnconfirmed => (
                "尚無他方確認本方日誌完整，現停止寫入",
                "請稍後再試。如持續如此，請告知系統管理員：無法與他方取得聯繫。",
            ),
            Self::Internal => ("服務發生故障", "請將請求編號告知系統管理員。指令可以同一 Idempotency-Key 重新提交。"),
        }
    }

    fn pt(self) -> Text {
        match self {
            Self::Unauthenticated => (
                "O autor do pedido não é conhecido",
                "Envie o código do funcionário no cabeçalho Authorization, a seguir à palavra Bearer. Um código perdido é substituído pelo administrador.",
            ),
            Self::BadRequest => (
                "O pedido não pode ser lido",
                "Corrija o ponto indicado e envie o pedido de novo. O documento OpenAPI mostra a forma.",
            ),
            Self::BodyTooLarge => (
                "O pedido é demasiado longo",
                "Envie menos de cada vez: textos mais curtos, ou menos entradas em vários pedidos.",
            ),
            Self::UnsupportedMediaType => (
                "O conteúdo é de um tipo que aqui não se aceita",
                "Envie o cabeçalho Content-Type que o documento OpenAPI indica para esta operação.",
            ),
            Self::NoRoute => ("Não há nada neste endereço", "Compare o endereço com o documento OpenAPI."),
            Self::MethodNotAllowed => {
                ("Este endereço não aceita o método", "Use um método indicado no cabeçalho Allow desta resposta.")
            }
            Self::BatchFile => (
                "O ficheiro da comunicação tem erros e nada dele foi aceite",
                "Corrija as células indicadas por linha e coluna e envie de novo o ficheiro completo.",
            ),
            Self::RegisterFile => (
                "O ficheiro do registo tem erros e nada dele foi aceite",
                "Corrija as linhas indicadas no sistema de processos, exporte o ficheiro de novo e importe-o outra vez.",
            ),
            Self::Timeout => (
                "O pedido demorou demasiado",
                "O que foi ordenado pode ter sido feito. Envie-o de novo com a mesma Idempotency-Key: só se faz uma vez.",
            ),
            Self::ServiceUnavailable => (
                "O serviço não pode responder agora",
                "Tente de novo daqui a pouco. Se continuar assim, avise o administrador; a verificação de prontidão diz o que falta.",
            ),
            Self::OwnLogIncomplete => (
                "Faltam no registo desta parte entradas que outra parte tem, por isso nada se escreve",
                "Avise já o administrador: o serviço é parado e o registo é restaurado com o comando recover. Depois envie a ordem de novo.",
            ),
            Self::OwnLogUnconfirmed => (
                "Nenhuma outra parte confirmou ainda que o registo desta parte está completo, por isso nada se escreve",
                "Tente de novo daqui a pouco. Se continuar assim, avise o administrador: não se consegue contactar as outras partes.",
            ),
            Self::Internal => (
                "O serviço falhou",
                "Comunique ao administrador o número do pedido. Uma ordem pode ser enviada de novo com a mesma Idempotency-Key.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::language::LANGUAGES;

    #[test]
    fn every_fault_says_something_else_in_every_language() {
        for fault in Fault::ALL {
            let titles: std::collections::BTreeSet<_> = LANGUAGES.map(|language| fault.title(language)).into();
            assert_eq!(titles.len(), LANGUAGES.len(), "{fault:?}");
            for language in LANGUAGES {
                assert!(!fault.title(language).ends_with(['.', '。']), "{fault:?} {language:?}");
                assert!(fault.next_step(language).ends_with(['.', '。']), "{fault:?} {language:?}");
            }
            assert!(fault.status().is_client_error() || fault.status().is_server_error());
        }
    }
}
