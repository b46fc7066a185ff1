//! Values that people read: items, purposes, verdicts, roles, capacities.

use super::{Phrase, Texts};
use crate::consent::Capacity;
use crate::erasure::RefusalGround;
use crate::item::{Item, Verdict};
use crate::officer::Role;
use crate::purpose::Purpose;

impl Phrase for Item {
    fn texts(&self) -> Texts {
        match self {
            Self::IdExists => ["身份是否相符", "身份是否相符", "correspondência da identidade", "identity matches"],
            Self::IdAlive => ["是否在生", "在生證明", "prova de vida", "proof of life"],
            Self::HouseholdMembers => {
                ["共同生活的家庭成员", "家團成員", "membros do agregado familiar", "household members"]
            }
            Self::MaritalStatus => ["婚姻状况", "婚姻狀況", "estado civil", "marital status"],
            Self::IncomeWage => ["工资收入", "工資收入", "rendimentos do trabalho", "wages"],
            Self::IncomeBusiness => ["经营收入", "經營收入", "rendimentos empresariais", "business income"],
            Self::IncomePension => ["养老金和待遇", "養老金及給付", "pensões e prestações", "pensions and benefits"],
            Self::IncomeAssistance => [
                "对方的社会救助",
                "對方的經濟援助",
                "apoio financeiro da outra parte",
                "assistance from the other side",
            ],
            Self::AssetDeposit => ["存款", "存款", "depósitos", "deposits"],
            Self::AssetSecurities => ["有价证券", "有價證券", "valores mobiliários", "securities"],
            Self::AssetInsurance => ["商业保险", "商業保險", "seguros comerciais", "commercial insurance"],
            Self::AssetProperty => ["不动产", "不動產", "imóveis", "real property"],
            Self::AssetVehicle => ["车辆、船只", "車輛、船隻", "veículos e embarcações", "vehicles and boats"],
            Self::PublicHousing => ["公共住房", "公共房屋", "habitação pública", "public housing"],
            Self::ExpenseMedical => [
                "医疗支出（健康信息）",
                "醫療開支（健康資料）",
                "despesas médicas (dados de saúde)",
                "medical expenditure (health data)",
            ],
            Self::ExpenseEducation => ["教育支出", "教育開支", "despesas de educação", "education expenditure"],
            Self::ExpenseHousing => ["房租水电", "租金及水電", "renda, água e electricidade", "rent and utilities"],
            Self::LivingVisit => {
                ["生活状况（入户）", "生活狀況（家訪）", "condições de vida (visita)", "living conditions (visit)"]
            }
            Self::LivingResidence => ["是否实际居住", "是否實際居住", "residência efectiva", "actual residence"],
            Self::SupporterCapacity => {
                ["赡养义务人的能力", "扶養義務人的能力", "capacidade dos obrigados a alimentos", "supporters' capacity"]
            }
        }
    }
}

impl Phrase for Purpose {
    fn texts(&self) -> Texts {
        match self {
            Self::DibaoApplication => [
                "申请最低生活保障",
                "申請最低生活保障",
                "pedido do subsídio mínimo de subsistência",
                "application for subsistence allowance",
            ],
            Self::DibaoRecheck => [
                "最低生活保障复核",
                "最低生活保障覆核",
                "reapreciação do subsídio mínimo de subsistência",
                "re-check of subsistence allowance",
            ],
            Self::TemporaryAssistance => ["临时救助", "臨時救助", "assistência temporária", "temporary assistance"],
            Self::MacauRegularSubsidy => ["澳门定期援助金", "定期援助金", "subsídio regular", "Macau regular subsidy"],
            Self::MacauEventualSubsidy => {
                ["澳门偶发性援助金", "偶發性援助金", "subsídio eventual", "Macau non-regular subsidy"]
            }
            Self::RoutineNotice => ["定期通报", "定期通報", "comunicação periódica", "routine notice"],
        }
    }
}

impl Phrase for Verdict {
    fn texts(&self) -> Texts {
        match self {
            Self::Meets => ["符合", "符合", "satisfaz", "meets"],
            Self::DoesNotMeet => ["不符合", "不符合", "não satisfaz", "does not meet"],
            Self::Partial => ["部分符合", "部分符合", "satisfaz em parte", "partly meets"],
            Self::CannotDetermine => ["无法确定", "未能確定", "não é possível determinar", "cannot be determined"],
            Self::NoRecordFound => [
                "所查来源没有记载（不等于没有）",
                "所查來源沒有資料（不等於沒有）",
                "sem registo nas fontes consultadas (não significa que nada exista)",
                "no record in the sources searched (does not mean that nothing exists)",
            ],
            Self::Refused => ["未予答复", "不予回覆", "não respondido", "not answered"],
        }
    }
}

impl Phrase for Role {
    fn texts(&self) -> Texts {
        match self {
            Self::Liaison => ["联络员", "聯絡員", "elemento de ligação", "liaison officer"],
            Self::Caseworker => ["经办人员", "經辦人員", "técnico responsável", "caseworker"],
            Self::Reviewer => ["复核人员", "覆核人員", "revisor", "reviewer"],
            Self::District => ["各区民政人员", "各區民政人員", "funcionário distrital", "district officer"],
            Self::SocialWorker => ["社工", "社工", "assistente social", "social worker"],
            Self::GridMember => ["网格议事员", "網格議事員", "membro da rede comunitária", "grid member"],
            Self::Duty => ["值班人员", "值班人員", "funcionário de serviço", "duty officer"],
            Self::Bank => ["银行联系人", "銀行聯絡人", "contacto bancário", "bank contact"],
            Self::Finance => ["财务人员", "財務人員", "funcionário financeiro", "finance officer"],
            Self::Secretariat => [
                "领导小组办公室",
                "領導小組秘書處",
                "secretariado do grupo de liderança",
                "secretariat of the leading group",
            ],
            Self::Auditor => ["审计人员", "審計人員", "auditor", "auditor"],
            Self::DataProtection => [
                "个人信息保护负责人",
                "個人資料保護負責人",
                "encarregado da protecção de dados",
                "data-protection officer",
            ],
            Self::DataSubject => ["当事人", "資料當事人", "titular dos dados", "data subject"],
            Self::Administrator => ["系统管理员", "系統管理員", "administrador do sistema", "system administrator"],
            Self::Node => ["系统", "系統", "sistema", "the service itself"],
        }
    }
}

impl Phrase for Capacity {
    fn texts(&self) -> Texts {
        match self {
            Self::Own => ["本人", "本人", "o próprio", "for themselves"],
            Self::ParentalAuthority => ["父母（监护）", "父母（親權）", "poder paternal", "parental authority"],
            Self::Guardian => ["监护人", "監護人", "tutor", "guardian"],
            Self::Institution => ["福利机构", "福利機構", "instituição de assistência social", "welfare institution"],
        }
    }
}

impl Phrase for RefusalGround {
    fn texts(&self) -> Texts {
        match self {
            Self::KeptByLaw => [
                "法律要求保存，只存储，不作他用",
                "法律要求保存，僅作儲存，不作他用",
                "a lei exige a conservação: os dados são apenas guardados",
                "the law asks for it to be kept: it is stored, and used for nothing else",
            ],
            Self::StillNeeded => {
                ["处理目的尚未实现", "處理目的尚未完成", "a finalidade ainda subsiste", "the purpose is not done"]
            }
            Self::RightAndLawful => [
                "内容属实，且依法提供",
                "內容屬實，且依法提供",
                "os dados são exactos e foram licitamente comunicados",
                "what is recorded is right, and was lawfully told",
            ],
            Self::NotEntitled => [
                "请求人不是当事人，也不代表当事人",
                "請求人並非資料當事人，亦不代表當事人",
                "quem pede não é o titular dos dados nem o representa",
                "who asks is not the person concerned, and does not act for that person",
            ],
            Self::CorrectedInstead => [
                "改以更正处理",
                "改以更正處理",
                "é rectificado em vez de apagado",
                "it is put right by a correction instead",
            ],
        }
    }
}
