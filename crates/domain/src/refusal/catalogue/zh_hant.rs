//! Refusals in traditional Chinese, Macau usage (`domain.md` §2). Not a conversion of the simplified text: 資料, not 信息;
//! 同意書, since 授權書 often means a power of attorney in Macau.

use super::Text;
use crate::refusal::RefusalCode;

pub(super) const fn text(code: RefusalCode) -> Text {
    match code {
        RefusalCode::RoleNotAllowed => Text {
            title: "閣下的職務無權作此操作",
            next_step: "請由具相應職務的人員處理，或向本方聯絡員申請更改委任。",
        },
        RefusalCode::SamePerson => {
            Text { title: "須由第二人處理", next_step: "請由未曾處理本個案的同事處理。" }
        }
        RefusalCode::NotFound => Text {
            title: "此處沒有該編號的紀錄",
            next_step: "請核對編號；如對方剛剛發出，請待送達後再試。",
        },
        RefusalCode::AlreadyExists => {
            Text { title: "此編號已有紀錄", next_step: "請開啟現有紀錄，或使用新編號。" }
        }
        RefusalCode::WrongState => Text {
            title: "個案目前不在這個步驟",
            next_step: "請重新載入並查閱目前進度，辦理下一個步驟。",
        },
        RefusalCode::NotYours => Text {
            title: "這個步驟應由對方處理",
            next_step: "請等候對方處理，或與對方聯絡員聯絡。",
        },
        RefusalCode::WrongAddressee => {
            Text { title: "收件方不正確", next_step: "請選擇本機制中本方以外的一方。" }
        }
        RefusalCode::BadList => Text {
            title: "清單為空、過長或有重複",
            next_step: "請更正清單後再提交；過長時請分批提交。",
        },
        RefusalCode::BadDate => Text {
            title: "日期或時間不成立",
            next_step: "請核對日期：不得為將來的日期，亦不得早於其所依據的事項。",
        },
        RefusalCode::EntriesOpen => Text {
            title: "通報中尚有未完結的項目",
            next_step: "請逐項配對或提出異議；有異議的項目須由發送方更正或撤回。",
        },
        RefusalCode::NoConsent => Text {
            title: "沒有相應的同意書",
            next_step: "請由資料當事人簽署同意書，列明資料持有方、項目及目的；登記並經第二人加簽後再查詢。",
        },
        RefusalCode::ConsentExpired => Text {
            title: "同意書已到期",
            next_step: "不能再憑此同意書作答；如仍需查詢，請資料當事人重新簽署同意書。",
        },
        RefusalCode::ConsentRevoked => Text {
            title: "資料當事人已撤回同意",
            next_step: "請停止使用該同意書。撤回前已作出的答覆仍然有效，但再次使用須有新的依據；取得新的同意書後方可再查詢。",
        },
        RefusalCode::ConsentUsedUp => Text {
            title: "同意書的使用次數已用完",
            next_step: "如仍需答覆，請資料當事人重新簽署同意書。",
        },
        RefusalCode::NotYetValid => Text {
            title: "同意書尚未生效",
            next_step: "請待生效日後再查詢，或由資料當事人簽署較早生效的同意書。",
        },
        RefusalCode::OverScope => Text {
            title: "查詢超出同意範圍或持有方的規則",
            next_step: "請刪去所列的項目、人士或詳細程度，或由資料當事人簽署範圍較廣的同意書，然後重新提交整份請求。",
        },
        RefusalCode::PurposeMismatch => Text {
            title: "同意書的目的與查詢目的不符",
            next_step: "請按同意書列明的目的查詢，或由資料當事人就新的目的簽署同意書。",
        },
        RefusalCode::WrongHolder => Text {
            title: "同意書列明的是另一資料持有方",
            next_step: "請向同意書列明的一方查詢，或由資料當事人重新簽署同意書。",
        },
        RefusalCode::WrongRequester => Text {
            title: "同意書列明的是另一請求單位",
            next_step: "請由同意書列明的單位查詢，或由資料當事人重新簽署同意書。",
        },
        RefusalCode::UnknownKey => Text {
            title: "簽名密鑰未登記",
            next_step: "請透過雙方聯絡員登記該密鑰；登記之前，以其簽名的內容一概不予接受。",
        },
        RefusalCode::KeyCompromised => Text {
            title: "同意憑證所用的簽名密鑰已報失竊",
            next_step: "請由簽發該同意書的單位重新列印憑證；同意本身仍然有效。",
        },
        RefusalCode::BadSignature => Text {
            title: "簽名無效",
            next_step: "請勿採信其內容；請向簽發方重新索取，如再次發生請上報。",
        },
        RefusalCode::BadToken => Text {
            title: "無法讀取同意憑證",
            next_step: "請向簽發方重新索取完整且未經改動的憑證。",
        },
        RefusalCode::IdempotencyKeyReused => Text {
            title: "該冪等鍵已用於另一指令",
            next_step: "新的指令請使用新的冪等鍵；重複提交時內容必須完全相同。",
        },
        RefusalCode::LogInDoubt => Text {
            title: "本方所存的簽發方日誌可能並非最新",
            next_step: "可能漏收撤回資料，因此不予答覆；請待與簽發方的連線恢復後再試。如仍不獲答覆，請當事人另簽同意書。",
        },
        RefusalCode::ClockSkew => Text {
            title: "雙方系統時鐘相差過大",
            next_step: "請管理員校準本方系統時鐘後再查詢。",
        },
        RefusalCode::LookupInterrupted => Text {
            title: "查詢已獲准但未能答覆",
            next_step: "同意書已使用一次；如仍有次數，請另行提出查詢。",
        },
        RefusalCode::HolderUnreachable => Text {
            title: "資料持有方未在時限內答覆",
            next_step: "同意書可能已使用一次；請稍後再試，或改為提交協查請求，待連線恢復後自動送達。",
        },
        RefusalCode::BadTerm => Text {
            title: "同意書的有效期不成立",
            next_step: "請選擇起止次序正確且不超過協議上限的有效期。",
        },
        RefusalCode::SignatureMissing => Text {
            title: "同意書欠缺簽名",
            next_step: "請補齊簽名：所涉成年人須本人簽名，未成年人由行使親權者或監護人簽名。",
        },
        RefusalCode::BadAnswer => Text {
            title: "答覆超出或少於規則要求",
            next_step: "請只就所問作答，詳細程度不超過同意範圍，並列明已查閱的資料來源。",
        },
        RefusalCode::QuestionsOpen => Text {
            title: "尚有問題未答覆",
            next_step: "請逐項答覆；確實無法判斷者，請選 CANNOT_DETERMINE 或 NO_RECORD_FOUND。",
        },
        RefusalCode::ImportRunning => {
            Text { title: "另一次登記冊匯入正在進行", next_step: "請待其完成後再開始。" }
        }
        RefusalCode::NotUrgent => Text {
            title: "不符合緊急通報的條件",
            next_step: "請列明所涉的生命、健康等重大利益並指明當事人；否則請改用定期通報或協查。",
        },
        RefusalCode::DocumentNotAccepted => {
            Text { title: "不接受該類證件", next_step: "請提供該方接受的其他證件。" }
        }
        RefusalCode::AppointmentEnded => Text {
            title: "閣下的委任目前無效",
            next_step: "請向本方秘書處申請委任或重新授予職務；在此之前請由同事處理。",
        },
        RefusalCode::NotAppointed => Text {
            title: "閣下未獲委任此職務或未獲派到該部門",
            next_step: "請以本身職務處理，或向秘書處申請委任或授權；代任人須列明獲授予的職務。",
        },
        RefusalCode::UnitNotCapable => Text {
            title: "閣下所屬部門沒有此職能",
            next_step: "請轉交具職能的部門處理，或請秘書處更改本部門的職能。",
        },
        RefusalCode::NoChannel => Text {
            title: "通往該方的資料渠道尚未開通",
            next_step: "請由秘書處開通渠道並由個人資料保護人員確認；涉及重大利益的緊急通報無需渠道。",
        },
        RefusalCode::ChannelLapsed => Text {
            title: "渠道的法定許可已失效",
            next_step: "請續辦所列許可並重新確認渠道；涉及重大利益的緊急通報仍可發出。",
        },
        RefusalCode::OverAgreement => Text {
            title: "協議沒有訂明此項內容",
            next_step: "請刪去所列內容，或請秘書處提出新版本的協議。",
        },
        RefusalCode::ConsentIncomplete => Text {
            title: "同意書尚不完整",
            next_step: "請補齊所列內容：敏感項目的明確同意、另一位家長、監護人或未成年人本人的同意；登記為補充，再覆核。",
        },
        RefusalCode::ConsentLapsed => Text {
            title: "當事人已成年",
            next_step: "行使親權者或監護人所簽的同意不再有效。如仍需查詢，請由本人另簽同意書。",
        },
        RefusalCode::BirthDateMissing => {
            Text { title: "欠缺出生日期", next_step: "請補上每一位由他人代簽者的出生日期。" }
        }
        RefusalCode::AdultNeedsOwnLetter => Text {
            title: "一份同意書只涵蓋一位成年人",
            next_step: "其他成年人須各自簽署同意書，分別登記。",
        },
        RefusalCode::LanguageNotAccepted => {
            Text { title: "本方沒有這種語言的同意書", next_step: "請使用本方同意書的語言。" }
        }
        RefusalCode::HearingMissing => Text {
            title: "尚未聽取當事人的陳述",
            next_step: "請先通知當事人並記下其陳述作為紀錄，其後方可通知決定。",
        },
        RefusalCode::MatchLimit => Text {
            title: "本次比對超出限額",
            next_step: "請查閱超出之處：減少比對人數、改選月份，或等候至所示時間之後。",
        },
        RefusalCode::RunNotAuthorised => Text {
            title: "本次比對未獲雙方許可",
            next_step: "請由所列各方的個人資料保護負責人許可；已過期者，請重新提出。",
        },
        RefusalCode::RunFailed => Text {
            title: "本次比對沒有結果",
            next_step: "請查閱比對紀錄所載的原因。不得重複進行：請重新提出，由雙方再次許可。",
        },
        RefusalCode::NotAssigned => Text {
            title: "此問題已分派予其他人員",
            next_step: "請由獲分派的人員處理，或請聯絡員或覆核人員改派予您。",
        },
        RefusalCode::TooManyPredicates => Text {
            title: "就同一項目提出的不同問題過多",
            next_step: "一份同意書對同一人的同一項目最多承擔三個不同問題。請以已有答覆為準，或另行簽署新的同意書。",
        },
        RefusalCode::UnknownStandard => Text {
            title: "政策標準不支持此問題",
            next_step: "請引用本方已公佈、在查詢基準日有效的標準，並且只詢問其中列明的數額；或請秘書處公佈該標準。",
        },
        RefusalCode::MinorNotCleared => Text {
            title: "本個案涉及未成年人，閣下沒有相應許可",
            next_step: "請交由具未成年人許可的人員處理，或請秘書處在委任中給予閣下該許可。",
        },
        RefusalCode::Suppressed => Text {
            title: "不得向此人發出本個案任何內容",
            next_step: "請勿發出或透露本個案情況。請註明領取人是哪一位簽署人；對已受限制的人一概不發出。如有疑問，請找個人資料保護負責人。",
        },
        RefusalCode::NotYourDraft => {
            Text { title: "此件由另一位人員編製", next_step: "請由編製人或覆核人作廢。" }
        }
        RefusalCode::MemberNotAppointed => Text {
            title: "所列成員目前不是領導小組成員",
            next_step: "請只列出會議各方已委任且未免去的成員，或先請該方秘書處委任。",
        },
        RefusalCode::RetentionFloor => Text {
            title: "保存期未屆滿",
            next_step: "在所示日期之後再提出刪除；在此之前只可停止使用，不可刪除。",
        },
        RefusalCode::NotErasable => Text {
            title: "該條目不可刪除",
            next_step: "從清單中剔除所列條目：其中沒有可刪除的個人資料，或登記冊仍在使用（請先匯入新的登記冊）。",
        },
        RefusalCode::EarlierEntriesStand => Text {
            title: "同一個案中較早的條目尚未刪除",
            next_step: "把所列的較早條目一併列入清單，然後再提出刪除。",
        },
        RefusalCode::RequestedEntriesMissing => Text {
            title: "清單未列入請求所指的全部條目",
            next_step: "把所列條目一併列入清單；如不能全部刪除，請說明理由拒絕該請求，其餘條目另行提出刪除。",
        },
    }
}
