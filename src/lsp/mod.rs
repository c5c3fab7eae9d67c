//! The language server: what a run finds in the text of an editor, and its fixes as code actions. Speaks
//! [LSP 3.17](https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/).
//!
//! Nothing is analysed twice at once: messages are taken one by one, and a text is looked at when its editor has paused
//! for [`PAUSE`], or when something is asked about it.

mod actions;
mod diagnostics;
mod documents;
mod place;

use crate::emit::Report;
use crate::pipeline::Given;
use documents::Documents;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument,
    Notification as _, PublishDiagnostics, ShowMessage,
};
use lsp_types::request::{CodeActionRequest, Request as _};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionParams, CodeActionProviderCapability, Diagnostic,
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams, InitializeParams, InitializeResult, MessageType,
    PublishDiagnosticsParams, ServerCapabilities, ServerInfo, ShowMessageParams,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions, Uri,
};
use place::Encoding;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long nobody has typed before a text is looked at. People pause for longer than this when they stop typing, and
/// notice no delay below some 0.1 to 1 s (Nielsen, Response Times: The 3 Important Limits).
const PAUSE: Duration = Duration::from_millis(200);

/// What is to be analysed.
#[derive(Debug)]
pub struct Asked {
    /// The text of an open document.
    pub given: Given,
    /// The texts of the other open documents.
    pub unsaved: Vec<(PathBuf, Arc<str>)>,
    /// The folders of the editor: a fix may change other files there.
    pub folders: Vec<PathBuf>,
    /// Also fixes that somebody must agree to.
    pub unsafe_fixes: bool,
}

/// One run; the error is one of the settings.
pub type Analyse<'a> = &'a dyn Fn(Asked) -> Result<Report, String>;

/// Serves until the editor says goodbye. The error is one of the protocol.
pub fn serve(connection: &Connection, analyse: Analyse<'_>) -> Result<(), String> {
    let (id, params) = connection.initialize_start().map_err(said)?;
    let params: InitializeParams = serde_json::from_value(params).map_err(said)?;
    let client = Client::new(&params);
    let result = InitializeResult {
        capabilities: capabilities(client.encoding),
        server_info: Some(ServerInfo {
            name: env!("CARGO_PKG_NAME").into(),
            version: Some(env!("CARGO_PKG_VERSION").into()),
        }),
    };
    let result = serde_json::to_value(result).map_err(said)?;
    connection.initialize_finish(id, result).map_err(said)?;
    Server {
        connection,
        analyse,
        client,
        documents: Documents::default(),
        due: None,
    }
    .serve()
}

/// What the editor can do.
#[derive(Debug)]
struct Client {
    encoding: Encoding,
    /// It takes edits with the versions of the documents that they are for.
    versions: bool,
    /// It takes what a diagnostic is related to.
    related: bool,
    folders: Vec<PathBuf>,
}

impl Client {
    fn new(params: &InitializeParams) -> Client {
        let capabilities = &params.capabilities;
        let workspace = capabilities.workspace.as_ref();
        let edit = workspace.and_then(|workspace| workspace.workspace_edit.as_ref());
        let text = capabilities.text_document.as_ref();
        let publish = text.and_then(|text| text.publish_diagnostics.as_ref());
        let folders = params.workspace_folders.iter().flatten();
        let mut folders: Vec<PathBuf> = folders
            .filter_map(|folder| place::path(&folder.uri))
            .collect();
        #[expect(deprecated, reason = "older editors name one root only")]
        if let (true, Some(root)) = (folders.is_empty(), &params.root_uri) {
            folders.extend(place::path(root));
        }
        Client {
            encoding: Encoding::of(capabilities),
            versions: edit.is_some_and(|edit| edit.document_changes == Some(true)),
            related: publish.is_some_and(|publish| publish.related_information == Some(true)),
            folders,
        }
    }
}

fn capabilities(encoding: Encoding) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(
            TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::FULL),
                save: Some(TextDocumentSyncSaveOptions::Supported(true)),
                ..TextDocumentSyncOptions::default()
            },
        )),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, actions::FIX_ALL]),
            ..CodeActionOptions::default()
        })),
        ..ServerCapabilities::default()
    }
}

struct Server<'a> {
    connection: &'a Connection,
    analyse: Analyse<'a>,
    client: Client,
    documents: Documents,
    /// When texts that changed are looked at.
    due: Option<Instant>,
}

impl Server<'_> {
    fn serve(mut self) -> Result<(), String> {
        loop {
            let message = match self.due {
                None => self.connection.receiver.recv().ok(),
                Some(due) => match self.connection.receiver.recv_deadline(due) {
                    Ok(message) => Some(message),
                    Err(error) if error.is_timeout() => {
                        self.look_at_changes();
                        continue;
                    }
                    Err(_) => None,
                },
            };
            match message {
                // The editor is gone.
                None => return Ok(()),
                Some(Message::Request(request)) => {
                    if self.connection.handle_shutdown(&request).map_err(said)? {
                        return Ok(());
                    }
                    let response = self.answer(request);
                    self.send(response);
                }
                Some(Message::Notification(told)) => {
                    if let Err(text) = self.hear(told) {
                        self.show_error(&text);
                    }
                }
                Some(Message::Response(_)) => {}
            }
        }
    }

    fn send(&self, message: impl Into<Message>) {
        // To an editor that is gone; the next message that does not come ends the loop.
        let _ = self.connection.sender.send(message.into());
    }

    fn answer(&mut self, request: Request) -> Response {
        let Request { id, method, params } = request;
        if method != CodeActionRequest::METHOD {
            let text = format!("unleak does not know {method}");
            return Response::new_err(id, ErrorCode::MethodNotFound as i32, text);
        }
        let actions = serde_json::from_value(params)
            .map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
            .and_then(|params| {
                let actions = self.code_actions(&params);
                actions.map_err(|text| (ErrorCode::RequestFailed, text))
            });
        match actions {
            Ok(actions) => Response::new_ok(id, actions),
            Err((code, text)) => Response::new_err(id, code as i32, text),
        }
    }

    fn code_actions(
        &mut self,
        params: &CodeActionParams,
    ) -> Result<impl Serialize + use<>, String> {
        let uri = &params.text_document.uri;
        if self.documents.changed(uri) {
            self.look_at(uri);
        }
        let mut asked = actions::Wanted::new(params, &self.client, &self.documents);
        if asked.unsafe_fixes()
            && let Some(more) = self.documents.asked(uri, &self.client.folders, true)
        {
            asked.offer_unsafe((self.analyse)(more)?);
        }
        Ok(asked.actions())
    }

    /// The error is that of a message that cannot be read.
    fn hear(&mut self, told: Notification) -> Result<(), String> {
        let Notification { method, params } = told;
        match method.as_str() {
            DidOpenTextDocument::METHOD => {
                let DidOpenTextDocumentParams { text_document } = read(params)?;
                let uri = text_document.uri.clone();
                self.documents.open(text_document);
                self.look_at(&uri);
            }
            DidChangeTextDocument::METHOD => {
                let params: DidChangeTextDocumentParams = read(params)?;
                self.documents.change(params);
                self.due = Some(Instant::now() + PAUSE);
            }
            // What is on disk now may matter to all that is open.
            DidSaveTextDocument::METHOD => {
                let DidSaveTextDocumentParams { .. } = read(params)?;
                self.documents.forget();
                self.look_at_changes();
            }
            DidCloseTextDocument::METHOD => {
                let DidCloseTextDocumentParams { text_document } = read(params)?;
                self.documents.close(&text_document.uri);
                self.publish(&text_document.uri, None, Vec::new());
            }
            // `$/…`, and what was not asked for.
            _ => {}
        }
        Ok(())
    }

    fn look_at_changes(&mut self) {
        self.due = None;
        for uri in self.documents.all_changed() {
            self.look_at(&uri);
        }
    }

    /// Analyses a document and tells what was found. Of a text that cannot be analysed nothing is said: while somebody
    /// types, that is most of them, and the editor's Go server says why.
    fn look_at(&mut self, uri: &Uri) {
        let Some(asked) = self.documents.asked(uri, &self.client.folders, false) else {
            return;
        };
        let report = (self.analyse)(asked).unwrap_or_else(|text| {
            self.show_error(&text);
            Report::default()
        });
        let found = diagnostics::diagnostics(&report, &self.client, &self.documents);
        self.documents.analysed(uri, report);
        self.publish(uri, self.documents.version(uri), found);
    }

    fn publish(&self, uri: &Uri, version: Option<i32>, diagnostics: Vec<Diagnostic>) {
        let params = PublishDiagnosticsParams::new(uri.clone(), diagnostics, version);
        self.send(Notification::new(PublishDiagnostics::METHOD.into(), params));
    }

    fn show_error(&self, text: &str) {
        let params = ShowMessageParams {
            typ: MessageType::ERROR,
            message: format!("unleak: {text}"),
        };
        self.send(Notification::new(ShowMessage::METHOD.into(), params));
    }
}

fn read<T: DeserializeOwned>(params: serde_json::Value) -> Result<T, String> {
    serde_json::from_value(params).map_err(said)
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
