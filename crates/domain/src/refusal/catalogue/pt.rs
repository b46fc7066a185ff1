//! Refusals in Portuguese, in the spelling that Macau uses. The terms are those of `domain.md` §2; a Portuguese-reading
//! officer has yet to check them.

use super::Text;
use crate::refusal::RefusalCode;

pub(super) const fn text(code: RefusalCode) -> Text {
    match code {
        RefusalCode::RoleNotAllowed => Text {
            title: "A sua função não permite esta operação",
            next_step: "Peça a um funcionário com a função adequada ou solicite ao elemento de ligação a alteração da sua nomeação.",
        },
        RefusalCode::SamePerson => Text {
            title: "É necessária uma segunda pessoa",
            next_step: "Peça a um colega que não tenha tratado este processo.",
        },
        RefusalCode::NotFound => Text {
            title: "Nada consta aqui com este número",
            next_step: "Verifique o número. Se a outra parte acabou de o enviar, aguarde a sua chegada e tente novamente.",
        },
        RefusalCode::AlreadyExists => Text {
            title: "Já existe um registo com este número",
            next_step: "Abra o registo existente ou utilize um número novo.",
        },
        RefusalCode::WrongState => Text {
            title: "O processo não se encontra nesta fase",
            next_step: "Actualize o processo, verifique a fase em que se encontra e pratique o acto que se segue.",
        },
        RefusalCode::NotYours => Text {
            title: "Este passo cabe à outra parte",
            next_step: "Aguarde a outra parte ou contacte o respectivo elemento de ligação.",
        },
        RefusalCode::WrongAddressee => Text {
            title: "O destinatário não é possível",
            next_step: "Escolha uma parte do mecanismo que não seja a sua.",
        },
        RefusalCode::BadList => Text {
            title: "Uma lista está vazia, é demasiado longa ou tem repetições",
            next_step: "Corrija a lista e envie-a novamente; divida-a se for demasiado longa.",
        },
        RefusalCode::BadDate => Text {
            title: "Uma data ou hora não é possível",
            next_step: "Verifique a data: não pode ser futura nem anterior ao facto a que se segue.",
        },
        RefusalCode::EntriesOpen => Text {
            title: "Há entradas da comunicação por resolver",
            next_step: "Confirme ou conteste cada entrada em aberto; o remetente tem de corrigir ou retirar as entradas contestadas.",
        },
        RefusalCode::NoConsent => Text {
            title: "Não existe consentimento para este acto",
            next_step: "Obtenha da pessoa uma declaração de consentimento assinada que indique a entidade detentora dos dados, os elementos e a finalidade; registe-a, faça-a contra-assinar e volte a perguntar.",
        },
        RefusalCode::ConsentExpired => Text {
            title: "O consentimento caducou",
            next_step: "Já não permite qualquer resposta. Se a pergunta ainda for necessária, obtenha um novo consentimento assinado.",
        },
        RefusalCode::ConsentRevoked => Text {
            title: "A pessoa revogou o consentimento",
            next_step: "Deixe de o utilizar. As respostas já dadas mantêm-se, mas qualquer nova utilização exige novo fundamento; volte a perguntar apenas com um novo consentimento.",
        },
        RefusalCode::ConsentUsedUp => Text {
            title: "As utilizações do consentimento estão esgotadas",
            next_step: "Se precisar de outra resposta, obtenha um novo consentimento assinado.",
        },
        RefusalCode::NotYetValid => Text {
            title: "O consentimento ainda não produz efeitos",
            next_step: "Aguarde a data de início ou obtenha um consentimento assinado com início anterior.",
        },
        RefusalCode::OverScope => Text {
            title: "A pergunta excede o consentimento ou as regras da entidade detentora",
            next_step: "Retire os elementos, as pessoas ou o grau de pormenor indicados, ou obtenha um consentimento mais amplo; depois envie novamente o pedido completo.",
        },
        RefusalCode::PurposeMismatch => Text {
            title: "O consentimento destina-se a outra finalidade",
            next_step: "Pergunte para a finalidade indicada no consentimento ou obtenha um consentimento assinado para a nova finalidade.",
        },
        RefusalCode::WrongHolder => Text {
            title: "O consentimento indica outra entidade detentora dos dados",
            next_step: "Dirija a pergunta à parte indicada no consentimento ou obtenha um novo consentimento assinado.",
        },
        RefusalCode::WrongRequester => Text {
            title: "O consentimento indica outra entidade solicitante",
            next_step: "A pergunta deve ser feita pela unidade indicada no consentimento; em alternativa, obtenha um novo consentimento assinado.",
        },
        RefusalCode::UnknownKey => Text {
            title: "A chave de assinatura não é conhecida",
            next_step: "Solicite o registo da chave através dos elementos de ligação das duas partes; até lá, nada do que for assinado com ela é aceite.",
        },
        RefusalCode::KeyCompromised => Text {
            title: "A credencial foi assinada com uma chave declarada furtada",
            next_step: "Peça ao serviço que emitiu o consentimento que volte a imprimir a credencial; o próprio consentimento mantém-se.",
        },
        RefusalCode::BadSignature => Text {
            title: "A assinatura não é válida",
            next_step: "Não confie no conteúdo. Peça-o novamente ao emissor e, se o problema se repetir, comunique-o.",
        },
        RefusalCode::BadToken => Text {
            title: "Não é possível ler a credencial de consentimento",
            next_step: "Obtenha-a novamente junto do emissor, completa e sem alterações.",
        },
        RefusalCode::IdempotencyKeyReused => Text {
            title: "Esta chave de idempotência já foi utilizada para outro comando",
            next_step: "Utilize uma nova chave para um novo comando; repita um comando apenas com o mesmo conteúdo.",
        },
        RefusalCode::LogInDoubt => Text {
            title: "Os registos do emissor podem estar aqui desactualizados",
            next_step: "Pode faltar uma revogação, pelo que nada é respondido. Tente novamente quando a ligação ao emissor estiver restabelecida. Se continuar sem resposta, peça uma nova autorização assinada.",
        },
        RefusalCode::ClockSkew => Text {
            title: "Os relógios das duas partes divergem demasiado",
            next_step: "Peça ao administrador que verifique o relógio do seu sistema e volte a perguntar.",
        },
        RefusalCode::LookupInterrupted => Text {
            title: "A consulta foi autorizada mas não respondida",
            next_step: "Foi gasta uma utilização do consentimento. Faça uma nova consulta, se ainda houver utilizações.",
        },
        RefusalCode::HolderUnreachable => Text {
            title: "A entidade detentora dos dados não respondeu a tempo",
            next_step: "Pode ter sido gasta uma utilização do consentimento. Tente mais tarde ou envie um pedido de verificação, que aguarda o restabelecimento da ligação.",
        },
        RefusalCode::BadTerm => Text {
            title: "O prazo do consentimento não é possível",
            next_step: "Escolha um prazo que termine depois de começar e não exceda o que o acordo permite.",
        },
        RefusalCode::SignatureMissing => Text {
            title: "Falta uma assinatura na declaração",
            next_step: "Obtenha a assinatura em falta: de cada adulto abrangido e, por um menor, de quem exerce o poder paternal ou do tutor.",
        },
        RefusalCode::BadAnswer => Text {
            title: "A resposta diz mais ou menos do que as regras permitem",
            next_step: "Responda exactamente ao que foi perguntado, com o grau de pormenor que o consentimento permite, e indique as fontes consultadas.",
        },
        RefusalCode::QuestionsOpen => Text {
            title: "Há perguntas sem resposta",
            next_step: "Responda a todas as perguntas; quando não for possível determinar, indique-o com CANNOT_DETERMINE ou NO_RECORD_FOUND.",
        },
        RefusalCode::ImportRunning => Text {
            title: "Está em curso outra importação do registo",
            next_step: "Aguarde que termine e comece novamente.",
        },
        RefusalCode::NotUrgent => Text {
            title: "Não se trata de uma comunicação urgente",
            next_step: "Indique o interesse vital em causa e identifique a pessoa, ou utilize uma comunicação periódica ou um pedido de verificação.",
        },
        RefusalCode::DocumentNotAccepted => Text {
            title: "Este tipo de documento não é aceite",
            next_step: "Indique outro documento da pessoa que a parte aceite.",
        },
        RefusalCode::AppointmentEnded => Text {
            title: "A sua nomeação não está em vigor",
            next_step: "Solicite ao secretariado a nomeação ou nova delegação da função. Até lá, deve actuar um colega.",
        },
        RefusalCode::NotAppointed => Text {
            title: "Não está nomeado para esta função ou unidade",
            next_step: "Actue na sua própria função ou solicite ao secretariado a nomeação ou a delegação. O substituto indica a função delegada.",
        },
        RefusalCode::UnitNotCapable => Text {
            title: "A sua unidade não tem competência para este acto",
            next_step: "Remeta o assunto à unidade competente ou solicite ao secretariado a alteração das competências da sua unidade.",
        },
        RefusalCode::NoChannel => Text {
            title: "Não há canal aberto para esta parte",
            next_step: "Solicite ao secretariado a abertura do canal e ao encarregado da protecção de dados a sua confirmação. A comunicação urgente por interesse vital não precisa de canal.",
        },
        RefusalCode::ChannelLapsed => Text {
            title: "Caducou uma autorização legal do canal",
            next_step: "Renove a autorização indicada e faça confirmar de novo o canal. A comunicação urgente por interesse vital pode ainda seguir.",
        },
        RefusalCode::OverAgreement => Text {
            title: "O acordo não prevê este pedido",
            next_step: "Retire o que vem indicado ou solicite ao secretariado que proponha uma nova versão do acordo.",
        },
        RefusalCode::ConsentIncomplete => Text {
            title: "O consentimento não está completo",
            next_step: "Obtenha o que está indicado: o consentimento separado para elementos sensíveis, o segundo progenitor, o tutor ou o acordo do próprio menor; registe-o como complemento e só depois contra-assine.",
        },
        RefusalCode::ConsentLapsed => Text {
            title: "A pessoa atingiu a maioridade",
            next_step: "O que foi assinado por quem exercia o poder paternal ou pelo tutor já não vale. Se a pergunta ainda for necessária, obtenha um consentimento assinado pela própria pessoa.",
        },
        RefusalCode::BirthDateMissing => Text {
            title: "Falta a data de nascimento",
            next_step: "Indique a data de nascimento de cada pessoa por quem outra assinou.",
        },
        RefusalCode::AdultNeedsOwnLetter => Text {
            title: "Cada declaração abrange um só adulto",
            next_step: "Cada outro adulto tem de assinar a sua própria declaração; registe-a como consentimento autónomo.",
        },
        RefusalCode::LanguageNotAccepted => Text {
            title: "Não há declarações nesta língua",
            next_step: "Utilize uma declaração numa das línguas da sua parte.",
        },
        RefusalCode::HearingMissing => Text {
            title: "A pessoa ainda não foi ouvida",
            next_step: "Convoque a pessoa e registe primeiro as suas declarações; só depois pode notificar uma decisão.",
        },
        RefusalCode::MatchLimit => Text {
            title: "O cruzamento de dados ultrapassa os limites",
            next_step: "Veja o que os ultrapassa: reduza o conjunto, escolha outro mês ou aguarde até à hora indicada.",
        },
        RefusalCode::RunNotAuthorised => Text {
            title: "O cruzamento de dados não está autorizado por ambas as partes",
            next_step: "Peça aos encarregados da protecção de dados das partes indicadas que o autorizem; se caducou, proponha outro.",
        },
        RefusalCode::RunFailed => Text {
            title: "O cruzamento de dados não chegou a resultado",
            next_step: "Leia o motivo no processo. Não pode ser repetido: proponha outro, que ambas as partes autorizam de novo.",
        },
        RefusalCode::NotAssigned => Text {
            title: "Esta pergunta está atribuída a outro funcionário",
            next_step: "Deixe-a a esse funcionário, ou peça ao oficial de ligação ou a um revisor que lha atribua.",
        },
        RefusalCode::TooManyPredicates => Text {
            title: "Demasiadas perguntas diferentes sobre o mesmo elemento",
            next_step: "Um consentimento permite três perguntas diferentes sobre cada elemento de uma pessoa. Trabalhe com as respostas já obtidas ou obtenha um novo consentimento.",
        },
        RefusalCode::UnknownStandard => Text {
            title: "O padrão de política não permite esta pergunta",
            next_step: "Indique um padrão publicado pela sua parte e em vigor na data de referência, e pergunte apenas pelos seus valores; ou peça ao secretariado que o publique.",
        },
        RefusalCode::MinorNotCleared => Text {
            title: "O caso diz respeito a um menor e não tem credenciação para isso",
            next_step: "Entregue o caso a um funcionário credenciado para menores ou peça ao secretariado que lhe dê a credenciação com a nomeação.",
        },
        RefusalCode::Suppressed => Text {
            title: "Nada disto é entregue a esta pessoa",
            next_step: "Não entregue nada nem fale do caso. Indique a que signatário se destina; não se entrega àqueles a quem foi vedado. Dirija as dúvidas ao encarregado da protecção de dados.",
        },
        RefusalCode::NotYourDraft => Text {
            title: "Foi outro funcionário que preparou isto",
            next_step: "Peça a quem o preparou, ou a um revisor, que desista dele.",
        },
        RefusalCode::MemberNotAppointed => Text {
            title: "Um membro indicado não integra actualmente o grupo de liderança",
            next_step: "Indique apenas membros nomeados por uma parte da reunião e não exonerados, ou peça ao secretariado da parte respectiva que os nomeie primeiro.",
        },
        RefusalCode::RetentionFloor => Text {
            title: "O prazo mínimo de conservação ainda corre",
            next_step: "Proponha o apagamento a partir da data indicada; até lá, os dados só podem deixar de ser usados.",
        },
        RefusalCode::NotErasable => Text {
            title: "Esta entrada não pode ser apagada",
            next_step: "Retire da lista as entradas indicadas: não contêm dados pessoais, ou o registo ainda está em uso (importe primeiro um novo).",
        },
        RefusalCode::EarlierEntriesStand => Text {
            title: "Há entradas anteriores do mesmo caso por apagar",
            next_step: "Junte à lista as entradas anteriores indicadas e proponha de novo o apagamento.",
        },
        RefusalCode::RequestedEntriesMissing => Text {
            title: "A proposta omite entradas que o pedido indica",
            next_step: "Acrescente as entradas indicadas; se não puder apagar todas, recuse o pedido com fundamentação e proponha as restantes em separado.",
        },
    }
}
