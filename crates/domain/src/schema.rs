//! JSON schemas of value types that are written as one string.

macro_rules! string_schema {
    ($type:ty, $name:literal, $pattern:literal, $example:literal) => {
        impl utoipa::PartialSchema for $type {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some($pattern))
                    .examples([$example])
                    .into()
            }
        }

        impl utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
        }
    };
}

string_schema!(crate::id::PartyId, "PartyId", "^[a-z]{1,16}$", "macau");
string_schema!(crate::time::Period, "Period", r"^20\d\d-(0[1-9]|1[0-2])$", "2026-07");
