//! Forms, as calls about sound and images send them (RFC 7578, and the URL standard's section 5): the models that they name, and
//! those that the lines of a batch's file name. A form that servers could take apart in two ways is refused.

use form::{Field, each_field, parameters_of};

use crate::json::Value;
use crate::named::NamedModels;
use crate::{BodyError, BodyFault, path};

impl<'a> NamedModels<'a> {
    /// Reads a body of the media type `kind`, if that is one of forms; `None` for any other.
    ///
    /// # Errors
    ///
    /// A form that is not exactly as RFC 7578 has it, so that servers could disagree about its fields; a `model` that comes twice, as a file
    /// or encoded; a JSON text in a field that [`NamedModels::parse`] refuses; a line of a batch's file (`purpose=batch`) that is none.
    pub fn of_form(kind: &[u8], body: &'a [u8]) -> Option<Result<Self, BodyError>> {
        if let Some(parameters) = parameters_of(kind, b"multipart/form-data") {
            Some(Self::of_fields(parameters, body))
        } else if parameters_of(kind, b"application/x-www-form-urlencoded").is_some() {
            Some(std::str::from_utf8(body).map_err(|error| not_utf8(&error)).and_then(Self::of_pairs))
        } else {
            None
        }
    }

    fn of_fields(parameters: &[u8], body: &'a [u8]) -> Result<Self, BodyError> {
        let mut named = Self::default();
        let (mut is_batch, mut files, mut read) = (false, Vec::new(), Ok(()));
        let form = each_field(parameters, body, &mut |field| {
            is_batch |= field.name == b"purpose" && field.value.trim_ascii().eq_ignore_ascii_case(b"batch");
            files.extend(field.is_file.then_some(field.value));
            // Some servers take brackets for a list.
            let end = field.name.iter().position(|sign| *sign == b'[').unwrap_or(field.name.len());
            if let Some(name) = Self::known(field.name.get(..end).unwrap_or_default().trim_ascii())
                && read.is_ok()
            {
                read = text(field, name).and_then(|text| named.add_text(name, text));
            }
        });
        form.ok_or(BodyError::at(0, BodyFault::NotForm)).and(read)?;
        if is_batch {
            named.add_lines(&files)?;
        }
        Ok(named)
    }

    /// Reads a form that is written like a query. Of several models each counts.
    fn of_pairs(text: &'a str) -> Result<Self, BodyError> {
        let mut named = Self::default();
        for (name, value) in path::pairs(text) {
            if let Some(name) = Self::known(path::decode(name).as_bytes()) {
                named.add_text(name, &path::decode(&value.replace('+', " ")))?;
                named.without_model |= named.model.is_some();
                named.others.extend(named.model.take());
            }
        }
        Ok(named)
    }

    /// Adds the models of a batch's requests, one of which each line of its file holds.
    fn add_lines(&mut self, files: &[&'a [u8]]) -> Result<(), BodyError> {
        let (mut any, mut all_name_one) = (false, true);
        for file in files {
            for line in file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file).split(|byte| *byte == b'\n') {
                let line = line.trim_ascii();
                if line.is_empty() {
                    continue;
                }
                let whole = Value::whole(line)?;
                let [body] = whole.members(&["body"])?;
                whole.check_depth()?;
                let body = body.filter(|body| body.is_object()).ok_or(whole.refuse("an object with a `body`"))?;
                all_name_one &= self.add_request(body)?;
                any = true;
            }
        }
        self.without_model |= any && all_name_one;
        Ok(())
    }
}

/// The value of the field `name`, where that is a plain text.
fn text<'a>(field: Field<'a>, name: &'static str) -> Result<&'a str, BodyError> {
    let plain = std::str::from_utf8(field.value).ok().filter(|_| !field.is_file && !field.is_encoded);
    plain.ok_or_else(|| BodyError::at(0, BodyFault::Not("a plain text")).of(name))
}

/// The model that a form with files names, in its field `model`. `None` for a body of another media type, too.
///
/// # Errors
///
/// As [`NamedModels::of_form`], of that field alone.
pub fn model_in_form<'a>(kind: &[u8], body: &'a [u8]) -> Result<Option<&'a str>, BodyError> {
    let mut found = Ok(None);
    let Some(parameters) = parameters_of(kind, b"multipart/form-data") else { return found };
    let form = each_field(parameters, body, &mut |field| {
        if field.name.eq_ignore_ascii_case(b"model") {
            found = match found {
                Ok(None) => text(field, "model").map(Some),
                _ => Err(BodyError::at(0, BodyFault::Duplicate).of("model")),
            };
        }
    });
    form.ok_or(BodyError::at(0, BodyFault::NotForm)).and(found)
}

fn not_utf8(error: &std::str::Utf8Error) -> BodyError {
    BodyError::at(error.valid_up_to(), BodyFault::NotUtf8)
}
