//! Refusals in simplified Chinese, mainland terms (`domain.md` §2).

use super::Text;
use crate::refusal::RefusalCode;

pub(super) const fn text(code: RefusalCode) -> Text {
    match code {
        RefusalCode::RoleNotAllowed => Text {
            title: "您的角色无权执行此操作",
            next_step: "请由具备相应角色的人员办理，或向本方联络员申请调整任命。",
        },
        RefusalCode::SamePerson => {
            Text { title: "须由第二人办理", next_step: "请由未经办此事项的同事办理。" }
        }
        RefusalCode::NotFound => Text {
            title: "此处查无该编号",
            next_step: "请核对编号；如对方刚刚发出，请待送达后重试。",
        },
        RefusalCode::AlreadyExists => {
            Text { title: "该编号已有记录", next_step: "请打开已有记录，或使用新的编号。" }
        }
        RefusalCode::WrongState => Text {
            title: "事项目前不在这一步骤",
            next_step: "请刷新后查看当前进度，办理下一步应办的事项。",
        },
        RefusalCode::NotYours => Text {
            title: "这一步骤应由对方办理",
            next_step: "请等待对方办理，或联系对方联络员。",
        },
        RefusalCode::WrongAddressee => {
            Text { title: "收件方不正确", next_step: "请选择本机制中除本方以外的一方。" }
        }
        RefusalCode::BadList => Text {
            title: "列表为空、过长或有重复",
            next_step: "请改正列表后重新提交；过长时请分批提交。",
        },
        RefusalCode::BadDate => Text {
            title: "日期或时间不成立",
            next_step: "请核对日期：不得为将来的日期，也不得早于其所依据的事项。",
        },
        RefusalCode::EntriesOpen => Text {
            title: "通报中尚有未办结的条目",
            next_step: "请逐条匹配或提出异议；有异议的条目须由发送方更正或撤回。",
        },
        RefusalCode::NoConsent => Text {
            title: "没有相应的授权书",
            next_step: "请由当事人签署授权书，写明信息持有方、事项和目的；登记并经第二人会签后再查询。",
        },
        RefusalCode::ConsentExpired => Text {
            title: "授权书已到期",
            next_step: "不能再凭此授权书答复；如仍需查询，请当事人重新签署授权书。",
        },
        RefusalCode::ConsentRevoked => Text {
            title: "当事人已撤回授权",
            next_step: "请停止使用该授权书。撤回前已作出的答复仍然有效，但再次使用须有新的依据；取得新的授权书后方可再查询。",
        },
        RefusalCode::ConsentUsedUp => Text {
            title: "授权书的使用次数已用完",
            next_step: "如还需答复，请当事人重新签署授权书。",
        },
        RefusalCode::NotYetValid => Text {
            title: "授权书尚未生效",
            next_step: "请待生效日后再查询，或由当事人签署较早生效的授权书。",
        },
        RefusalCode::OverScope => Text {
            title: "查询超出授权范围或持有方的规则",
            next_step: "请去掉所列的事项、人员或详细程度，或由当事人签署范围更宽的授权书，然后重新提交整份请求。",
        },
        RefusalCode::PurposeMismatch => Text {
            title: "授权书的目的与查询目的不符",
            next_step: "请按授权书写明的目的查询，或由当事人就新的目的签署授权书。",
        },
        RefusalCode::WrongHolder => Text {
            title: "授权书写明的是另一信息持有方",
            next_step: "请向授权书写明的一方查询，或由当事人重新签署授权书。",
        },
        RefusalCode::WrongRequester => Text {
            title: "授权书写明的是另一请求单位",
            next_step: "请由授权书写明的单位查询，或由当事人重新签署授权书。",
        },
        RefusalCode::UnknownKey => Text {
            title: "签名密钥未登记",
            next_step: "请通过双方联络员登记该密钥；登记之前，用它签名的内容一律不予接受。",
        },
        RefusalCode::KeyCompromised => Text {
            title: "授权凭证所用的签名密钥已报失窃",
            next_step: "请由签发该授权书的单位重新打印凭证；授权本身仍然有效。",
        },
        RefusalCode::BadSignature => Text {
            title: "签名无效",
            next_step: "请勿采信其内容；请向签发方重新索取，再次发生时请上报。",
        },
        RefusalCode::BadToken => Text {
            title: "无法读取授权凭证",
            next_step: "请向签发方重新索取完整且未经改动的凭证。",
        },
        RefusalCode::IdempotencyKeyReused => Text {
            title: "该幂等键已用于另一命令",
            next_step: "新的命令请使用新的幂等键；重复提交时内容必须完全相同。",
        },
        RefusalCode::LogInDoubt => Text {
            title: "本方所存的签发方日志可能不是最新",
            next_step: "可能漏收撤回信息，因此不予答复；请待与签发方的连接恢复后重试。如仍不获答复，请当事人另签授权书。",
        },
        RefusalCode::ClockSkew => Text {
            title: "双方系统时钟相差过大",
            next_step: "请管理员校准本方系统时钟后再查询。",
        },
        RefusalCode::LookupInterrupted => Text {
            title: "查询已获准但未能答复",
            next_step: "授权书已使用一次；如仍有次数，请另行发起查询。",
        },
        RefusalCode::HolderUnreachable => Text {
            title: "信息持有方未在时限内答复",
            next_step: "授权书可能已使用一次；请稍后重试，或改为提交协查请求，待连接恢复后自动送达。",
        },
        RefusalCode::BadTerm => Text {
            title: "授权书的有效期不成立",
            next_step: "请选择起止顺序正确且不超过协议上限的有效期。",
        },
        RefusalCode::SignatureMissing => Text {
            title: "授权书缺少签名",
            next_step: "请补齐签名：所涉成年人须本人签名，未成年人由监护人签名。",
        },
        RefusalCode::BadAnswer => Text {
            title: "答复超出或少于规则要求",
            next_step: "请只就所问答复，详细程度不超过授权，并写明已查询的信息来源。",
        },
        RefusalCode::QuestionsOpen => Text {
            title: "尚有问题未答复",
            next_step: "请逐项答复；确实无法判断的，请选 CANNOT_DETERMINE 或 NO_RECORD_FOUND。",
        },
        RefusalCode::ImportRunning => {
            Text { title: "另一次登记册导入正在进行", next_step: "请待其完成后再开始。" }
        }
        RefusalCode::NotUrgent => Text {
            title: "不符合紧急通报的条件",
            next_step: "请写明所涉的生命、健康等重大利益并指明当事人；否则请改用定期通报或协查。",
        },
        RefusalCode::DocumentNotAccepted => {
            Text { title: "不接受该类证件", next_step: "请提供该方接受的其他证件。" }
        }
        RefusalCode::AppointmentEnded => Text {
            title: "您的任命目前无效",
            next_step: "请向本方秘书处申请任命或重新委托职责；在此之前请由同事办理。",
        },
        RefusalCode::NotAppointed => Text {
            title: "您未获任命担任该角色或在该单位任职",
            next_step: "请以本人角色办理，或向秘书处申请任命或委托；代理人须注明受委托的角色。",
        },
        RefusalCode::UnitNotCapable => Text {
            title: "您所在单位无此职能",
            next_step: "请转交有职能的单位办理，或请秘书处调整本单位职能。",
        },
        RefusalCode::NoChannel => Text {
            title: "通往该方的数据通道未开通",
            next_step: "请由秘书处开通通道并由数据保护人员确认；涉及重大利益的紧急通报无须通道。",
        },
        RefusalCode::ChannelLapsed => Text {
            title: "通道的法定许可已失效",
            next_step: "请续办所列许可并重新确认通道；涉及重大利益的紧急通报仍可发出。",
        },
        RefusalCode::OverAgreement => Text {
            title: "协议未约定此项内容",
            next_step: "请删去所列内容，或请秘书处提出新版协议。",
        },
        RefusalCode::ConsentIncomplete => Text {
            title: "授权书尚不完整",
            next_step: "请补齐所列内容：敏感项目的单独同意、另一位家长、监护人或未成年人本人的同意；登记为补充，再复核。",
        },
        RefusalCode::ConsentLapsed => Text {
            title: "本人已成年",
            next_step: "家长或监护人所签的授权不再有效。如仍需查询，请由本人另签授权书。",
        },
        RefusalCode::BirthDateMissing => {
            Text { title: "缺少出生日期", next_step: "请补上每一位由他人代签者的出生日期。" }
        }
        RefusalCode::AdultNeedsOwnLetter => Text {
            title: "一份授权书只涵盖一位成年人",
            next_step: "其他成年人须各自签署授权书，分别登记。",
        },
        RefusalCode::LanguageNotAccepted => {
            Text { title: "本方没有这种语言的授权书", next_step: "请使用本方授权书的语言。" }
        }
        RefusalCode::HearingMissing => Text {
            title: "尚未听取当事人的说明",
            next_step: "请先通知当事人并记录其说明，之后方可告知决定。",
        },
        RefusalCode::MatchLimit => Text {
            title: "本次比对超出限额",
            next_step: "请查看超出之处：减少比对人数、改选月份，或等到所示时间之后。",
        },
        RefusalCode::RunNotAuthorised => Text {
            title: "本次比对未获双方授权",
            next_step: "请由所列各方的个人信息保护负责人授权；已过期的，请重新提出。",
        },
        RefusalCode::RunFailed => Text {
            title: "本次比对没有结果",
            next_step: "请查看比对中所记录的原因。不得重复进行：请重新提出，由双方再次授权。",
        },
        RefusalCode::NotAssigned => Text {
            title: "此问题已分派给其他人员",
            next_step: "请由被分派的人员处理，或请联络员或复核员改派给您。",
        },
        RefusalCode::TooManyPredicates => Text {
            title: "就同一项目提出的不同问题过多",
            next_step: "一份授权书对同一人的同一项目最多承担三个不同问题。请以已有答复为准，或另行签署新的授权书。",
        },
        RefusalCode::UnknownStandard => Text {
            title: "政策标准不支持此问题",
            next_step: "请引用本方已公布、在查询基准日有效的标准，并且只询问其中列明的数额；或请秘书处公布该标准。",
        },
        RefusalCode::MinorNotCleared => Text {
            title: "本案涉及未成年人，您没有相应许可",
            next_step: "请交由具备未成年人许可的人员办理，或请秘书处在任命中授予您该许可。",
        },
        RefusalCode::Suppressed => Text {
            title: "不得向此人出具本案任何内容",
            next_step: "请勿出具或透露本案情况。请注明领取人是哪一位签署人；对已被限制的人一律不出具。如有疑问，请找个人信息保护负责人。",
        },
        RefusalCode::NotYourDraft => {
            Text { title: "此件由另一位人员编制", next_step: "请由编制人或复核人作废。" }
        }
        RefusalCode::MemberNotAppointed => Text {
            title: "所列成员目前不是领导小组成员",
            next_step: "请只列出会议各方已任命且未免去的成员，或先请该方秘书处任命。",
        },
        RefusalCode::RetentionFloor => Text {
            title: "保存期限未满",
            next_step: "在所示日期之后再提出删除；在此之前只可停止使用，不可删除。",
        },
        RefusalCode::NotErasable => Text {
            title: "该条目不可删除",
            next_step: "从清单中去掉所列条目：其中没有可删除的个人信息，或登记册仍在使用（请先导入新的登记册）。",
        },
        RefusalCode::EarlierEntriesStand => Text {
            title: "同一个案中较早的条目尚未删除",
            next_step: "把所列的较早条目一并列入清单，再提出删除。",
        },
        RefusalCode::RequestedEntriesMissing => Text {
            title: "清单未列入请求所指的全部条目",
            next_step: "把所列条目一并列入清单；如不能全部删除，请说明理由拒绝该请求，其余条目另行提出删除。",
        },
    }
}
