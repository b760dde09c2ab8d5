//! The catalogue of a seller: its categories of complaints, its products, and the partners that deliver them.

use async_graphql::{Context, ID, InputObject, Object, Result};
use entity::id::{CategoryId, ProductId, SellerId};
use entity::{category, product};

use super::context::{ContextExt, act, id, ids, int, read_error, required_row, to_id};
use super::error::payload;
use super::node::{Lookup, Node, of_directory};
use super::partner::Partner;
use crate::directory::catalogue::{CategoryShape, ProductShape, set_category, set_product};
use sea_orm::EntityTrait;

/// A category of complaints, in a seller's tree of categories.
#[derive(Clone)]
pub struct Category(pub category::Model);

impl From<category::Model> for Category {
    fn from(row: category::Model) -> Self {
        Self(row)
    }
}

/// A category of complaints, in a seller's tree of categories.
#[Object]
impl Category {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name, unique at the seller regardless of upper and lower case. The `category` of a complaint is looked up by
    /// it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The category above it; null at the top of the tree.
    async fn parent(&self, ctx: &Context<'_>) -> Result<Option<Category>> {
        match self.0.parent_id {
            Some(id) => required_row(ctx.loaders().categories.one(id).await).map(Category).map(Some),
            None => Ok(None),
        }
    }

    /// The partners that deliver what the category is about. Those of the categories above it are not repeated.
    async fn partners(&self, ctx: &Context<'_>) -> Result<Vec<Partner>> {
        let rows = ctx.loaders().deliverers_of_category.one(self.0.id).await.map_err(read_error)?;
        Ok(rows.unwrap_or_default().into_iter().map(Partner).collect())
    }
}

/// A product that a seller sells.
#[derive(Clone)]
pub struct Product(pub product::Model);

impl From<product::Model> for Product {
    fn from(row: product::Model) -> Self {
        Self(row)
    }
}

/// A product that a seller sells.
#[Object]
impl Product {
    /// The id, opaque.
    pub async fn id(&self) -> ID {
        to_id(self.0.id)
    }

    /// The version: 1 when it is created, one more after each change. `expectedVersion` is compared with it.
    async fn version(&self) -> i32 {
        int(self.0.version)
    }

    /// The name, unique at the seller regardless of upper and lower case. The `product` of a complaint is looked up by
    /// it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The category of the product; null when it has none. A complaint that names the product and no category gets this
    /// category.
    async fn category(&self, ctx: &Context<'_>) -> Result<Option<Category>> {
        match self.0.category_id {
            Some(id) => required_row(ctx.loaders().categories.one(id).await).map(Category).map(Some),
            None => Ok(None),
        }
    }

    /// The partners that deliver the product.
    async fn partners(&self, ctx: &Context<'_>) -> Result<Vec<Partner>> {
        let rows = ctx.loaders().deliverers_of_product.one(self.0.id).await.map_err(read_error)?;
        Ok(rows.unwrap_or_default().into_iter().map(Partner).collect())
    }
}

/// The input of `setCategory`: a category to create or change.
#[derive(InputObject)]
pub struct SetCategoryInput {
    /// The seller whose category it is.
    seller_id: ID,
    /// The category to change; a new one is created when left out.
    category_id: Option<ID>,
    /// The name, unique at the seller regardless of upper and lower case; 1 to 200 characters.
    name: String,
    /// The category above it; at the top when left out. The tree may be ten levels deep.
    parent_id: Option<ID>,
    /// The partners that deliver what the category is about. They replace those that were set before.
    #[graphql(default)]
    partner_ids: Vec<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the category that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

/// The input of `setProduct`: a product to create or change.
#[derive(InputObject)]
pub struct SetProductInput {
    /// The seller whose product it is.
    seller_id: ID,
    /// The product to change; a new one is created when left out.
    product_id: Option<ID>,
    /// The name, unique at the seller regardless of upper and lower case; 1 to 200 characters.
    name: String,
    /// The category of the product; none when left out.
    category_id: Option<ID>,
    /// The partners that deliver the product. They replace those that were set before.
    #[graphql(default)]
    partner_ids: Vec<ID>,
    /// Makes a repeated request harmless: the same key gives the same answer for seven days; 1 to 128 characters.
    idempotency_key: Option<String>,
    /// The version of the product that you read. If it has changed since, nothing is done and the error's code is
    /// `VERSION_CONFLICT`. Not checked when left out.
    expected_version: Option<i32>,
}

payload! {
    /// The answer to `setCategory`.
    SetCategoryPayload {
        /// The category as it is now; null when nothing was changed.
        category: Category
    }
}
payload! {
    /// The answer to `setProduct`.
    SetProductPayload {
        /// The product as it is now; null when nothing was changed.
        product: Product
    }
}

/// Acts on the catalogue of a seller.
#[derive(Default)]
pub struct CatalogueMutation;

#[Object]
impl CatalogueMutation {
    /// Creates or changes a category of complaints. A new case in it, or in a category below it, has its partners among
    /// its `suggestedPartners`; the rules still choose the owner. For administrators.
    async fn set_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category to create or change.")] input: SetCategoryInput,
    ) -> Result<SetCategoryPayload> {
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            let own = input.category_id.as_ref().map(|text| id::<CategoryId>(text, "categoryId")).transpose()?;
            let shape = CategoryShape {
                name: input.name.clone(),
                parent: input.parent_id.as_ref().map(|text| id(text, "parentId")).transpose()?,
                partners: ids(&input.partner_ids, "partnerIds")?,
            };
            set_category(work, seller, own, &shape).await
        });
        Ok(done.await?.into())
    }

    /// Creates or changes a product. For administrators.
    async fn set_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product to create or change.")] input: SetProductInput,
    ) -> Result<SetProductPayload> {
        let done = act(ctx, async move |work| {
            let seller = id::<SellerId>(&input.seller_id, "sellerId")?;
            let own = input.product_id.as_ref().map(|text| id::<ProductId>(text, "productId")).transpose()?;
            let shape = ProductShape {
                name: input.name.clone(),
                category: input.category_id.as_ref().map(|text| id(text, "categoryId")).transpose()?,
                partners: ids(&input.partner_ids, "partnerIds")?,
            };
            set_product(work, seller, own, &shape).await
        });
        Ok(done.await?.into())
    }
}

impl Lookup for CategoryId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let row = ctx.loaders().categories.one(self).await.map_err(read_error)?;
        Ok(row.and_then(|row| of_directory(ctx, row.seller_id, Node::Category(Category(row)))))
    }
}

impl Lookup for ProductId {
    async fn node(self, ctx: &Context<'_>) -> Result<Option<Node>> {
        let row = product::Entity::find_by_id(self).one(ctx.db()).await.map_err(read_error)?;
        Ok(row.and_then(|row| of_directory(ctx, row.seller_id, Node::Product(Product(row)))))
    }
}
